import type { HealthState } from '../../core/health.js';
import type { Dialect } from '../../protocol/messages.js';
import type { DropReason } from '../drop-counter.js';

/** What a client knows of one server. Times in ms. */
export interface EndpointStats {
  state: HealthState;
  /** Smoothed round-trip time of heartbeats; undefined before the first. */
  latencyMs: number | undefined;
  /** Calls in a row that timed out there. */
  failures: number;
  /** How long ago the server was last heard; undefined if never. */
  lastSeenMs: number | undefined;
  /** Calls in flight there. */
  pending: number;
  /** What the server speaks; undefined before its first PONG. */
  dialect: Dialect | undefined;
}

export interface ClientStats {
  endpoints: Record<string, EndpointStats>;
  /** Open calls: in flight, and waiting for a server. */
  pending: number;
  /** Messages that made no sense and were dropped, by reason. */
  dropped: Partial<Record<DropReason, number>>;
}
