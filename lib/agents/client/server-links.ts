import type { HealthState } from '../../core/health.js';
import { reasonOf } from '../../core/health.js';
import type { Pool } from '../../core/pool.js';
import type { ServerTarget } from '../../core/server-target.js';
import type { SocketPort, Traffic } from '../../sockets/socket-port.js';
import { totalOf, TrafficTotal } from '../../sockets/traffic-total.js';
import type { AtMostOncePatterns } from '../../protocol/at-most-once.js';
import type { Environment } from '../clock.js';
import type { DropReason } from '../drop-counter.js';
import type { Notifications } from '../notifications.js';
import type { Scheduler } from '../scheduler.js';
import type { AttemptListener } from './attempt-listener.js';
import type { AttemptReports } from './attempt-reports.js';
import type { Server } from './call.js';
import {
  type ClientAgentOptions,
  clientHello,
  healthPolicies,
  type StateChange,
} from './client-agent-options.js';
import type { ClientStats } from './client-stats.js';
import type { OpenCalls } from './open-calls.js';
import { ServerLink, type ServerLinkDeps } from './server-link.js';
import { ServerSet } from './server-set.js';

export interface ServerLinksDeps {
  readonly environment: Environment;
  readonly sockets: SocketPort;
  readonly scheduler: Scheduler;
  readonly notifications: Notifications;
  readonly pool: Pool<ServerLink>;
  readonly open: OpenCalls;
  readonly attempts: AttemptListener;
  readonly reports: AttemptReports;
  readonly atMostOnce: AtMostOncePatterns;
}

/** Is told what happens to a client's servers. */
export interface ServerLinksListener {
  stateChanged(endpoint: string, change: StateChange): void;
  /** Servers came or went, or may be usable that were not, or not be so any more. */
  serversChanged(): void;
  /** Whether there is a server to call has changed. */
  usableChanged(isUsable: boolean): void;
  /** Every server refuses this client: there is nothing to wait for. */
  unauthorized(): void;
  /** A server that was usable before has room. */
  roomGained(at: Server): void;
  dropped(reason: DropReason, endpoint: string): void;
}

/** The links of a client: to the servers in its pool, and to removed ones that still have calls in flight. */
export class ServerLinks {
  readonly #pool: Pool<ServerLink>;
  readonly #listener: ServerLinksListener;
  readonly #linkDeps: ServerLinkDeps;
  readonly #set: ServerSet<ServerLink>;
  readonly #leaving = new Set<ServerLink>();
  /** The traffic of those that have left. */
  readonly #past = new TrafficTotal();
  #wasUsable = false;
  #isClosed = false;

  constructor(options: ClientAgentOptions, deps: ServerLinksDeps, listener: ServerLinksListener) {
    const { pool, environment, scheduler } = deps;
    const { heartbeat, maxPendingPerServer: maxPending, maxMessageSize, service } = options;
    this.#pool = pool;
    this.#listener = listener;
    const { usual, urgent } = healthPolicies(options, () => pool.mayEject());
    const healthPolicy = () => (pool.isUsable || pool.isUnauthorized ? usual : urgent);
    const hello = clientHello(options);
    this.#linkDeps = {
      ...deps,
      heartbeat,
      maxPending,
      maxMessageSize,
      service,
      healthPolicy,
      hello,
    };
    this.#set = new ServerSet(options.targets, options.subset, {
      environment,
      scheduler,
      pool,
      zone: options.zone,
      watch: (target) => this.#open(target),
      unwatch: (link) => this.#leave(link),
      renamed: (link, target) => (link.target = target),
      changed: () => this.#setChanged(),
    });
  }

  stats(now: number): Pick<ClientStats, 'endpoints' | 'unwatched' | 'bytesSent' | 'bytesReceived'> {
    const links = this.#pool.members;
    const { sent, received } = this.#traffic;
    return {
      endpoints: Object.fromEntries(links.map((link) => [link.endpoint, link.stats(now)])),
      unwatched: this.#set.unwatched,
      bytesSent: sent,
      bytesReceived: received,
    };
  }

  /** From now on these are the servers. Calls in flight at the others are still answered. */
  replace(targets: readonly ServerTarget[]): void {
    this.#set.replace(targets);
  }

  close(): void {
    this.#isClosed = true;
    for (const link of [...this.#pool.members, ...this.#leaving]) link.monitor.close();
  }

  #open(target: ServerTarget): void {
    const { endpoint } = target;
    const link: ServerLink = new ServerLink(target, this.#linkDeps, {
      stateChanged: (from) => this.#stateChanged(link, from),
      tierChanged: () => this.#tierChanged(),
      recovered: (now) => this.#pool.recovered(link, now),
      isOutlier: (now, isOnTrial) => this.#pool.isOutlier(link, now, isOnTrial),
      roomGained: () => this.#roomGained(link),
      dropped: (reason) => this.#listener.dropped(reason, endpoint),
    });
    this.#pool.add(link);
    link.monitor.open();
  }

  /** With all servers, also those that were removed. */
  get #traffic(): Traffic {
    const links = [...this.#pool.members, ...this.#leaving];
    return totalOf([this.#past, ...links.map(({ monitor }) => monitor.traffic)]);
  }

  #leave(link: ServerLink): void {
    this.#pool.remove(link);
    link.isRemoved = true;
    this.#leaving.add(link);
    this.#closeIfLeft(link);
  }

  #closeIfLeft(link: ServerLink): void {
    if (link.pending > 0 || !this.#leaving.delete(link)) return;
    link.monitor.close();
    this.#past.add(link.monitor.traffic);
  }

  #stateChanged(link: ServerLink, from: HealthState): void {
    if (!this.#leaving.has(link)) {
      const { endpoint, state: to, health, serverId, target } = link;
      const change = { from, to, reason: reasonOf(health), serverId, name: target.name };
      this.#listener.stateChanged(endpoint, change);
    }
    this.#tierChanged();
  }

  #tierChanged(): void {
    this.#pool.healthChanged();
    this.#set.update();
    this.#serversChanged();
  }

  #setChanged(): void {
    this.#pool.healthChanged();
    this.#serversChanged();
  }

  #roomGained(link: ServerLink): void {
    // Closing ends attempts, too.
    if (this.#isClosed) return;
    this.#closeIfLeft(link);
    this.#listener.roomGained(link);
  }

  #serversChanged(): void {
    this.#usabilityMayHaveChanged();
    this.#listener.serversChanged();
  }

  #usabilityMayHaveChanged(): void {
    const { isUsable, isUnauthorized } = this.#pool;
    if (isUnauthorized) this.#listener.unauthorized();
    if (isUsable === this.#wasUsable) return;
    this.#wasUsable = isUsable;
    this.#listener.usableChanged(isUsable);
    for (const link of this.#pool.members) {
      if (isUsable) link.peerRecovered();
      else link.poolExhausted();
    }
  }
}
