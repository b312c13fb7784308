import type { HealthState } from '../../core/health.js';
import type { Dialect } from '../../protocol/messages.js';
import type { DropReason } from '../drop-counter.js';

/** What a client knows of one server. Times in ms. */
export interface EndpointStats {
  /** How the server calls itself; undefined before its first PONG, and for tracked servers. */
  serverId: string | undefined;
  /** How the server looks from here. */
  state: HealthState;
  /** Smoothed round-trip time of heartbeats, in ms; undefined before the first. Source: RFC 6298. */
  latencyMs: number | undefined;
  /** Attempts in a row that timed out there; an answer, the end of a rest, or a loss sets it to 0. */
  failures: number;
  /** How often the server had to rest because its calls timed out, or failed more often than elsewhere. */
  ejections: number;
  /** How long ago the server was last heard, in ms; undefined if never. */
  lastSeenMs: number | undefined;
  /** Calls and events of this client in flight there. */
  pending: number;
  /** What the server speaks; undefined before its first PONG. */
  dialect: Dialect | undefined;
}

/** What a client knows of its servers, and how much it has open. */
export interface ClientStats {
  /** Each server that is watched, by its address. */
  endpoints: Record<string, EndpointStats>;
  /** The addresses of the others, which only a client with the option `subset` has. */
  unwatched: string[];
  /** Open calls and events: in flight, and waiting for a server. A broadcast is one for each server. */
  pending: number;
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
  /**
   * Attempts that were sent while less than half of the servers were alive and some were failing, which then
   * were used like the others. Source: Envoy, `lb_healthy_panic`.
   */
  panics: number;
  /** Messages of servers that made no sense and were dropped, by reason. */
  dropped: Partial<Record<DropReason, number>>;
}
