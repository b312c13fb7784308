import { randomBytes } from 'node:crypto';
import { ClientAgent } from '../../agents/client/client-agent.js';
import { type ClientStats, noClientStats } from '../../agents/client/client-stats.js';
import { DiscoveryFollower } from '../../agents/client/discovery-follower.js';
import { inContextOfItsOwn } from '../../async-context.js';
import type { ServerTarget } from '../../core/server-target.js';
import { ClientCredentials } from '../../security/client-credentials.js';
import { addSource, type ClientSource } from '../../telemetry/sources.js';
import type { BoundedLog } from '../bounded-log.js';
import type { CallDefaults, ResolvedClientOptions } from '../options/client-options.js';
import type { PacketCodec } from '../packet-codec.js';
import type { Platform } from '../platform.js';
import { guardedBlame } from './blame.js';
import { CallTracker } from './call-tracker.js';
import {
  clientAgentListener,
  type ClientAgentListenerDeps,
  type ClientIdentity,
} from './client-agent-listener.js';
import { type CallAgent, DRAINING_AGENT } from './draining-agent.js';
import { discoveryListener } from './discovery-listener.js';
import { guardListeners } from '../guarded-signal.js';
import { KnownEndpoints } from './known-endpoints.js';

export interface ClientLifecycleDeps extends Pick<ClientAgentListenerDeps, 'events' | 'status'> {
  readonly log: BoundedLog;
  readonly platform: Platform;
}

/** An agent, its open calls, and what applies to every call of the client. */
export interface AgentInUse {
  readonly agent: CallAgent;
  readonly calls: CallTracker;
  readonly codec: PacketCodec;
  readonly defaults: CallDefaults;
  /** Who makes the calls. */
  readonly client: ClientIdentity;
  /** Gets what the hooks around calls throw. */
  readonly hookFailed: (error: unknown) => void;
  /** In ms, by the clock of the agent. */
  readonly now: () => number;
}

interface OpenAgent extends AgentInUse {
  readonly agent: ClientAgent;
  /** Undefined if the options list the servers. */
  readonly follower: DiscoveryFollower | undefined;
  /** Kept with the agent: what asks it for its figures does not keep it alive. */
  readonly source: ClientSource;
  readonly removeSource: () => void;
}

/** A drain: new calls get `instead`. */
interface Drain {
  readonly instead: AgentInUse;
  readonly drained: Promise<void>;
}

/**
 * The agent of a client: opened by its first use, drained or closed, and opened anew by the next use. Endpoints and keys
 * outlive it.
 */
export class ClientLifecycle {
  readonly #options: ResolvedClientOptions;
  readonly #deps: ClientLifecycleDeps;
  readonly #credentials: ClientCredentials | undefined;
  readonly #endpoints: KnownEndpoints;
  readonly #hookFailed: (error: unknown) => void;
  #open: OpenAgent | undefined;
  #drain: Drain | undefined;

  constructor(options: ResolvedClientOptions, deps: ClientLifecycleDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#hookFailed = (error) => deps.log.error('hook', error);
    const { security, agent } = options;
    this.#credentials = security && new ClientCredentials(security, randomBytes);
    this.#endpoints = new KnownEndpoints(agent.targets, this.#credentials);
  }

  get clientId(): string {
    return this.#options.agent.clientId;
  }

  /** The agent for new calls: opened if it is not, and one that refuses them while it drains. */
  use(): AgentInUse {
    if (this.#drain) return this.#drain.instead;
    if (this.#open) return this.#open;
    const open = this.#make();
    this.#open = open;
    // User code, which goes on for as long as the client is open: not in the context of the call that opens it.
    inContextOfItsOwn(() => open.follower?.start());
    return open;
  }

  /** Ends a drain, too. */
  close(): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    this.#drain = undefined;
    open.removeSource();
    // Before the user's code hears of it, which may open the client again.
    this.#endpoints.discovered([]);
    open.follower?.stop();
    open.agent.close();
    this.#deps.status('disconnected');
  }

  /** Closes once no call is open. Resolves when it is closed, whoever closes it; never rejects. */
  drain(): Promise<void> {
    const open = this.#open;
    if (!open) return Promise.resolve();
    this.#drain ??= {
      instead: { ...open, agent: DRAINING_AGENT },
      drained: open.calls.idle().then(() => {
        if (this.#open === open) this.close();
      }),
    };
    return this.#drain.drained;
  }

  /** @throws FreelanceError `BAD_OPTIONS` */
  addEndpoint(endpoint: string, serverKey: string | undefined): void {
    this.#endpoints.add(endpoint, serverKey);
    this.#open?.agent.replaceServers(this.#endpoints.all);
  }

  removeEndpoint(endpoint: string): void {
    this.#endpoints.remove(endpoint);
    this.#open?.agent.replaceServers(this.#endpoints.all);
  }

  stats(): ClientStats {
    return this.#open?.agent.stats() ?? noClientStats();
  }

  /** @throws Error unless the agent is open */
  unwrap(): unknown {
    if (!this.#open) throw new Error('The client is not connected: there is nothing to unwrap.');
    return this.#open.agent.unwrap();
  }

  #make(): OpenAgent {
    const { agent: options, engine, balancer, isFailure, codec, calls } = this.#options;
    const { heartbeat, maxMessageSize } = options;
    const { log, platform, ...observed } = this.#deps;
    const targets = this.#endpoints.all;
    const client = { id: options.clientId, name: this.#nameFrom(targets) };
    const isCurrent = () => this.#open?.agent === agent;
    const follower = this.#follow(client, isCurrent, (found) => agent.replaceServers(found));
    const agent: ClientAgent = new ClientAgent(
      {
        ...options,
        targets,
        origin: follower,
        balancer: balancer(),
        isFailure: guardedBlame(isFailure, (error) => log.error('isFailure', error)),
      },
      platform.socketsOf(engine, {
        credentials: this.#credentials,
        heartbeatInterval: Math.ceil(heartbeat.interval),
        heartbeatTimeout: Math.ceil(heartbeat.timeout),
        maxMessageSize,
      }),
      platform.environment,
      clientAgentListener({
        ...observed,
        logger: log,
        client,
        isCurrent,
        follower,
      }),
    );
    const source: ClientSource = { kind: 'client', client, figures: () => agent.figures() };
    return {
      agent,
      follower,
      calls: new CallTracker(),
      codec,
      defaults: calls,
      client,
      hookFailed: this.#hookFailed,
      now: () => platform.environment.clock.now(),
      source,
      removeSource: addSource(source),
    };
  }

  /** The log's name of a client without one. With a single server each line names that server anyway. */
  #nameFrom([first, ...others]: readonly ServerTarget[]): string {
    const { name, discovery } = this.#options;
    if (name !== undefined) return name;
    if (discovery) return `client of ${discovery.name}`;
    return others.length === 0 ? '' : `client of ${first?.endpoint} and ${others.length} more`;
  }

  #follow(
    client: ClientIdentity,
    isCurrent: () => boolean,
    replaceServers: (targets: readonly ServerTarget[]) => void,
  ): DiscoveryFollower | undefined {
    const { discovery } = this.#options;
    const endpoints = this.#endpoints;
    return (
      discovery &&
      new DiscoveryFollower(
        discovery,
        {
          environment: this.#deps.platform.environment,
          read: (given) => endpoints.read(given),
          guardListeners,
        },
        discoveryListener({
          client,
          discovery,
          isCurrent,
          logger: this.#deps.log,
          changed: (targets) => {
            endpoints.discovered(targets);
            replaceServers(endpoints.all);
          },
        }),
      )
    );
  }
}
