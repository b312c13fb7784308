import { type Clock, systemEnvironment } from '../agents/clock.js';
import { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import type { FreelanceClientOptions } from '../nest/options/client-options.js';
import { wallClock } from '../node-timers.js';
import { EventLog } from './event-log.js';
import { FleetListeners } from './fleet-listeners.js';
import { fleetSnapshot } from './fleet-view.js';
import { type NamedServer, OwnServer } from './own-server.js';
import type { FleetSnapshot } from './snapshot.js';
import { type NamedClient, WatchedClient } from './watched-client.js';
import { WatchedServer } from './watched-server.js';

/** What reaches the servers: some of the options of a client. */
type ConnectionOptions = Pick<
  FreelanceClientOptions,
  'security' | 'engine' | 'heartbeatInterval' | 'heartbeatTimeout' | 'connectTimeout'
>;

export interface FleetWatchOptions extends ConnectionOptions {
  /** Servers to watch by connections of the watch's own, and to ask for their statistics. */
  readonly endpoints?: readonly string[] | undefined;
  /** Clients of this process. Servers that only they know are watched by what they do there. */
  readonly clients?: readonly NamedClient[] | undefined;
  /** Servers of this process, which are read, not asked. */
  readonly servers?: readonly NamedServer[] | undefined;
  /** Time between two snapshots, and between two questions to a server, in ms. @default 1000 */
  readonly intervalMs?: number | undefined;
}

/** Time, as the watch gets it. */
export interface FleetClock extends Clock {
  /** In ms since 1970. */
  readonly date: () => number;
}

const SYSTEM_CLOCK: FleetClock = { ...systemEnvironment.clock, date: wallClock };

const INTERVAL_MS = 1000;

/** How much of the interval servers have to answer, so that what they say is in the next snapshot. */
const ANSWER_SHARE = 0.2;

/** And at most this long: no server that is well takes longer, however long the interval is. */
const MOST_ANSWER_MS = 500;

/** What happens is told this soon, and what happens together is told together. */
const SOON_MS = 50;

/** Servers that come and go all the time do not make for more snapshots than this apart. */
const EXTRA_SNAPSHOTS_MS = 250;

/**
 * Watches servers and clients, and tells what it sees as snapshots: one per interval, and an extra one soon after a server
 * is in another state. Servers are asked for their statistics by the reserved pattern `$freelance.stats`, one question at a
 * time; one that does not answer delays nothing.
 */
export class FleetWatch {
  readonly #intervalMs: number;
  readonly #clock: FleetClock;
  readonly #servers: readonly WatchedServer[];
  readonly #named: readonly NamedClient[];
  readonly #clients: readonly WatchedClient[];
  readonly #own: readonly OwnServer[];
  readonly #events = new EventLog();
  #listeners: FleetListeners | undefined;
  #listener: ((snapshot: FleetSnapshot) => void) | undefined;
  #cancelTick = NOTHING;
  #cancelSnapshot = NOTHING;
  #isSnapshotDue = false;
  #toldAt = -Infinity;

  /**
   * @throws FreelanceError `BAD_OPTIONS` if the endpoints or the security are wrong
   */
  constructor(
    {
      endpoints = [],
      clients = [],
      servers = [],
      intervalMs = INTERVAL_MS,
      ...connection
    }: FleetWatchOptions,
    clock = SYSTEM_CLOCK,
  ) {
    const now = () => clock.now();
    this.#intervalMs = intervalMs;
    this.#clock = clock;
    this.#servers = [...new Set(endpoints)].map((endpoint) => {
      const client = new FreelanceClientProxy({
        ...connection,
        ...OBSERVER,
        endpoints: [endpoint],
      });
      return new WatchedServer(client, intervalMs, now);
    });
    this.#named = clients;
    this.#clients = clients.map((client) => new WatchedClient(client, now));
    this.#own = servers.map((server) => new OwnServer(server, now));
  }

  /**
   * Connects, and tells the listener until `stop`. The listener must not throw.
   *
   * @throws Error if it has been started
   */
  start(listener: (snapshot: FleetSnapshot) => void): void {
    if (this.#listener) throw new Error('This watch has been started.');
    this.#listener = listener;
    this.#listeners = new FleetListeners(this.#servers, this.#named, this.#events, {
      date: this.#clock.date,
      changed: () => this.#soon(),
    });
    for (const server of this.#servers) server.open();
    this.#tick();
  }

  /** Closes its connections, and tells nothing more. May be called at any time, any number of times. */
  stop(): void {
    this.#listener = undefined;
    this.#cancelTick();
    this.#cancelSnapshot();
    this.#isSnapshotDue = false;
    this.#listeners?.remove();
    this.#listeners = undefined;
    for (const server of this.#servers) server.close();
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(this.#intervalMs, () => this.#tick());
    for (const client of this.#clients) client.read();
    for (const server of this.#own) server.read();
    for (const server of this.#servers) server.ask();
    this.#snapshotAfter(Math.min(this.#intervalMs * ANSWER_SHARE, MOST_ANSWER_MS));
  }

  #soon(): void {
    const pause = this.#toldAt + EXTRA_SNAPSHOTS_MS - this.#clock.now();
    // One that is due comes within MOST_ANSWER_MS, and has the answers, which one before it would not have.
    if (!this.#isSnapshotDue) this.#snapshotAfter(Math.max(SOON_MS, pause));
  }

  #snapshotAfter(ms: number): void {
    this.#cancelSnapshot();
    this.#isSnapshotDue = true;
    this.#cancelSnapshot = this.#clock.after(ms, () => {
      this.#isSnapshotDue = false;
      this.#tell();
    });
  }

  #tell(): void {
    this.#toldAt = this.#clock.now();
    const at = this.#clock.date();
    const sources = { servers: this.#servers, clients: this.#clients, own: this.#own };
    this.#listener?.(fleetSnapshot(sources, this.#events, at));
  }
}

const NOTHING = (): void => undefined;

/** What a client that only observes differs in: no fault of a server keeps it from asking. */
const OBSERVER = {
  name: 'fleet',
  maxFailures: Infinity,
  isFailure: () => false,
  maxAttempts: 1,
  // The smallest: statistics take some 100 KB.
  maxMessageSize: 2 ** 20,
} as const;
