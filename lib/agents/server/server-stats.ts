import type { RefusalReason } from '../../protocol/headers.js';
import type { DropReason } from '../drop-counter.js';

/** What a server has done since it listens. */
export interface ServerStats {
  /**
   * Clients that were heard within ten of their heartbeats, or within 10 s if that is longer. Those of
   * the older dialects are not counted. One that has several connections counts as several.
   */
  clients: number;
  /** Authenticated keys, or usernames, that these have, and those of the older dialects with calls open. */
  keys: number;
  /** Whether the server is about to leave: it answers what it has accepted, and takes nothing new. */
  isDraining: boolean;
  /** Calls and events whose handlers run, those that linger among them. */
  running: number;
  /**
   * Calls that were abandoned, and whose handlers run on: each holds its place until it heeds `ctx.signal`, or
   * ends by itself. Where this is high, handlers do not heed it, or a client calls only to cancel.
   */
  lingering: number;
  /** Calls and events that wait for a place among those that run. */
  queued: number;
  /** Calls that have got a place so far, also those that no handler is for. */
  accepted: number;
  /** Events that were accepted so far. */
  events: number;
  /** Calls that were stopped because nobody waited for them any more, or their deadline passed. */
  abandoned: number;
  /** Calls and events that were not executed, by the reason that was told. */
  refused: Partial<Record<RefusalReason, number>>;
  /**
   * How many of those as `busy`, because their client had all that `maxConcurrencyPerClient` allows: all connections
   * of its key together, or without a key its connection.
   */
  refusedPerClient: number;
  /** Clients that were forgotten because there were more than `maxClients`, or more than `maxConnections` of their key: those long not heard go first. */
  evicted: number;
  /** How many of those because their key had more than `maxConnections`. */
  evictedPerClient: number;
  /** Calls and events that came again within `replayWindow` after their end, and did not run again. */
  replayed: number;
  /** Connections that were refused, since they showed no credentials that are authorized. */
  unauthorized: number;
  /** Messages whose client was gone, or left 8192 of them, or of packs of them, unread. */
  undelivered: number;
  /** Messages of clients that made no sense and were dropped, by reason. */
  dropped: Partial<Record<DropReason, number>>;
}
