import type { FreelanceErrorCode } from '../../core/freelance-error.js';
import type { PriorityShare } from '../../core/groups.js';
import type { HealthState } from '../../core/health.js';
import type { Dialect } from '../../protocol/messages.js';
import { type CallStats, noCallStats } from '../call-stats.js';
import type { DiscoveryStats } from './discovery-stats.js';
import type { DropReason } from '../drop-counter.js';

/** What a call ended with: the code of a `FreelanceError`, or `HANDLER`, an error that the server answered with. */
export type CallErrorKind = FreelanceErrorCode | 'HANDLER';

/** What became of the calls and events of a client. */
export interface ClientCallStats extends CallStats<CallErrorKind> {
  /** Attempts that were sent although an earlier one of their call may have run: it was lost, or had no answer in time. */
  retried: number;
  /** Attempts that were sent because no earlier one had run: they were refused, or did not leave. */
  moved: number;
  /** Attempts that were sent while others of their call were in flight. */
  hedged: number;
}

/**
 * What a client knows of one server. `calls`, `errors` and all the others count attempts: a call that went to two servers
 * counts at both. Times in ms.
 */
export interface EndpointStats extends ClientCallStats {
  /** How the server calls itself; undefined before its first PONG, and for tracked servers. */
  serverId: string | undefined;
  /** The name under which a discovery found it; undefined if it was listed by its address. */
  name: string | undefined;
  /** The service that it says it is a part of; undefined if it names none. */
  service: string | undefined;
  /** Its zone, as the endpoint or its discovery says, or else the server itself; undefined if nobody does. */
  zone: string | undefined;
  /** Its share of the calls relative to other servers, from the same sources; 1 if nobody says. */
  weight: number;
  /** Servers of a higher number are used only as far as those of lower numbers are not healthy. 0 if nobody says. */
  priority: number;
  /** How the server looks from here. */
  state: HealthState;
  /** Smoothed round-trip time of heartbeats, in ms; undefined before the first. Source: RFC 6298. */
  heartbeatLatencyMs: number | undefined;
  /** @deprecated The same as `heartbeatLatencyMs`: `latency` is that of calls. */
  latencyMs: number | undefined;
  /** Attempts in a row that timed out there; an answer, the end of a rest, or a loss sets it to 0. */
  failures: number;
  /** How often the server had to rest because its calls timed out, or failed more often than elsewhere. */
  ejections: number;
  /** How long ago the server was last heard, in ms; undefined if never. */
  lastSeenMs: number | undefined;
  /** Calls and events of this client in flight there. */
  pending: number;
  /**
   * Bytes sent to the server and received from it, heartbeats included. With the engine `node` those on the wire, without
   * what TLS adds; with `libzmq` and over `inproc://` those of the frames.
   */
  bytesSent: number;
  /** The same of what was received. */
  bytesReceived: number;
  /** Attempts that the server refused, or that its connection did not take. They did not run there. */
  refused: number;
  /** What the server speaks; undefined before its first PONG. */
  dialect: Dialect | undefined;
}

/**
 * What a client knows of its servers and its calls. A broadcast is one call for each server. A call is counted once the user's
 * serializer is done with it, and until the deserializer gets its end: one that ends before, or fails there, is `pending` only.
 */
export interface ClientStats extends ClientCallStats {
  /** Each server that is watched, by its address. */
  endpoints: Record<string, EndpointStats>;
  /** The addresses of the others, which only a client with the option `subset` has. */
  unwatched: string[];
  /** How its discovery is doing; undefined if the servers are listed, or the client is not open. */
  discovery: DiscoveryStats | undefined;
  /** Open calls and events: in flight, waiting for a server, or in the user's serializer or deserializer. */
  pending: number;
  /** Those of all its servers, also of servers that were removed. */
  bytesSent: number;
  /** The same of what was received. */
  bytesReceived: number;
  /** The same by pattern, for the first 200 patterns of this client. */
  patterns: Record<string, ClientCallStats>;
  /** The sum of all further patterns. */
  otherPatterns: ClientCallStats;
  /**
   * Attempts that may be made now beyond the first of each call: the tokens in the `retryBudget`. Where it
   * is near 0, calls fail that could have been tried again. A client without connections has none: 0.
   */
  retryBudget: number;
  /** Of calls with `setHedge`, and of calls that went elsewhere, too, because their server fell silent. */
  hedges: {
    /** Attempts that went out while others of their call were in flight. */
    sent: number;
    /** How many of them answered first. */
    won: number;
  };
  /** Its own: the option `zone`; undefined without it, or if the client is not open. */
  zone: string | undefined;
  /**
   * How calls are shared by priority, and by the client's zone. Empty if there is nothing to share: one priority, and no server
   * in the zone or none outside.
   */
  priorities: PriorityShare[];
  /**
   * Attempts that were sent while less than half of the servers, of each priority, were alive and some were failing, which
   * then were used like the others. Source: Envoy, `lb_healthy_panic`.
   */
  panics: number;
  /** Messages of servers that made no sense and were dropped, by reason. */
  dropped: Partial<Record<DropReason, number>>;
}

/** The statistics of a client without connections: a fresh object each time, which its reader may change. */
export function noClientStats(): ClientStats {
  return {
    ...noCalls(),
    patterns: {},
    otherPatterns: noCalls(),
    endpoints: {},
    unwatched: [],
    discovery: undefined,
    bytesSent: 0,
    bytesReceived: 0,
    retryBudget: 0,
    hedges: { sent: 0, won: 0 },
    zone: undefined,
    priorities: [],
    panics: 0,
    dropped: {},
  };
}

function noCalls(): ClientCallStats {
  return { ...noCallStats(), retried: 0, moved: 0, hedged: 0 };
}
