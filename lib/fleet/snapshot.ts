import type { DiscoveryStats } from '../agents/client/discovery-stats.js';
import type { PriorityShare } from '../core/groups.js';
import type { HealthState } from '../core/health.js';

/** What happened in the time between two snapshots. */
export interface Rates {
  readonly callsPerSecond: number;
  readonly errorsPerSecond: number;
  /** Of the calls that ended meanwhile, in ms; undefined if there was none. Interpolated from the buckets of `LatencyStats`. */
  readonly p50Ms: number | undefined;
  readonly p90Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

export interface PatternSnapshot extends Rates {
  readonly pattern: string;
  /** Calls, and how many of them ended with an error, since the server listens or the client is connected. */
  readonly calls: number;
  readonly errors: number;
  readonly pending: number;
}

/** What one client does at one server, as the server sees it. */
export interface CallerSnapshot extends Rates {
  /** How the client calls itself. */
  readonly client: string;
  readonly pending: number;
}

export { MOST_PRIORITIES } from '../core/call-shares.js';
export type { DiscoveryStats, PriorityShare };

/** Where a server belongs, as clients of this process are told, or else as it says itself. */
export interface ServerPlace {
  /** The name under which a discovery found it. */
  readonly name: string | undefined;
  readonly service: string | undefined;
  readonly zone: string | undefined;
  /** Its share of the calls relative to other servers. */
  readonly weight: number;
  /** The lowest number is used first. */
  readonly priority: number;
}

/** One server, as an observer sees it, and as it sees itself. */
export interface ServerSnapshot extends Rates, ServerPlace {
  readonly endpoint: string;
  /** How it calls itself; undefined if it has not said. */
  readonly id: string | undefined;
  /** How it looks to the observer. */
  readonly state: HealthState;
  /** Why it is in that state, for people; may be empty. */
  readonly reason: string;
  /** Round-trip time of heartbeats, in ms; undefined before the first. */
  readonly heartbeatMs: number | undefined;
  /**
   * Why there are no statistics of its own: it is not reachable, or offers none (`introspection`); undefined if there are.
   * Without them, the rates are those of `clients` at this server, and the counts are 0.
   */
  readonly noStats: string | undefined;
  /** How old its statistics are, in ms, if it has not answered when it was asked last; undefined if they are of now. */
  readonly staleMs: number | undefined;
  /**
   * The time between the two readings that its rates come from, in ms. Undefined while there are no two readings of one run of
   * it: the rates are 0 then, and not known.
   */
  readonly ratesOverMs: number | undefined;
  readonly running: number;
  readonly queued: number;
  readonly clients: number;
  readonly refusedPerSecond: number;
  readonly patterns: readonly PatternSnapshot[];
  /** The clients that call it, at most 50, the busiest first; undefined without statistics of its own. */
  readonly callers?: readonly CallerSnapshot[] | undefined;
}

/** `noStats` of a server that has not been asked, or has not answered the first time. */
export const NOT_ASKED_YET = 'it has not answered yet';

/** What one client does at one server. */
export interface LinkSnapshot extends Rates {
  readonly endpoint: string;
  readonly state: HealthState;
  readonly pending: number;
}

/** A client of this process, as it sees its servers. */
export interface ClientSnapshot extends Rates {
  readonly name: string;
  readonly pending: number;
  /** Its own. */
  readonly zone: string | undefined;
  /** As in `stats()`: empty if there is nothing to share. */
  readonly priorities: readonly PriorityShare[];
  /** How its discovery is doing; undefined without one. */
  readonly discovery: DiscoveryStats | undefined;
  readonly links: readonly LinkSnapshot[];
  readonly patterns: readonly PatternSnapshot[];
}

/** Something that happened to a server, or to calls. */
export interface FleetEvent {
  /** In ms since 1970. */
  readonly at: number;
  readonly kind:
    'up' | 'down' | 'suspect' | 'ejected' | 'draining' | 'failover' | 'added' | 'removed';
  /**
   * The server that it happened to; of a failover, where the calls were before; of many that a discovery adds or removes
   * together, one of them.
   */
  readonly endpoint: string;
  readonly serverId: string | undefined;
  /** What happened, for people, to be read after the server's name: "is down: it closed the connection". */
  readonly text: string;
}

/** All servers and clients at one moment, and what has happened since the snapshot before. Ids, patterns and texts may have any characters. */
export interface FleetSnapshot {
  /** In ms since 1970. */
  readonly at: number;
  /**
   * Of all servers together. Errors are those that callers got: what servers answered with, and what failed without an answer
   * at the clients of this process. An attempt that was lost and then answered elsewhere is none.
   */
  readonly totals: Rates;
  /**
   * Of the servers that tell theirs, and of the clients that call none of these. Of the other clients of this process, the
   * calls that failed without an answer are added to the errors. At most 1000, those with most calls first.
   */
  readonly patterns: readonly PatternSnapshot[];
  readonly servers: readonly ServerSnapshot[];
  readonly clients: readonly ClientSnapshot[];
  readonly events: readonly FleetEvent[];
}
