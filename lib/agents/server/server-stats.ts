import type { RefusalReason } from '../../protocol/headers.js';
import { type CallStats, noCallStats } from '../call-stats.js';
import type { DropReason } from '../drop-counter.js';

/**
 * How the server answered with an error; of an event, how it failed.
 *
 * - `HANDLER`: the handler, a guard, a pipe or a filter threw it.
 * - `NO_HANDLER`: no handler is for that pattern.
 * - `INTERNAL`: what the handler returned cannot be sent, or the user's code around it failed. The log says why.
 */
export type ServerErrorKind = 'HANDLER' | 'NO_HANDLER' | 'INTERNAL';

/**
 * What a server has done since it listens. `calls`, and what belongs to it, counts calls and events that got a place; their
 * `latency` includes how long they waited for it.
 */
export interface ServerStats extends CallStats<ServerErrorKind> {
  /** The same by pattern, for the first 200 patterns that have handlers. */
  patterns: Record<string, CallStats<ServerErrorKind>>;
  /** The sum of all further patterns. */
  otherPatterns: CallStats<ServerErrorKind>;
  /** The same by client, by the id that it gave itself, for the 200 that came last. */
  callers: Record<string, CallStats<ServerErrorKind>>;
  /** The sum of all further clients, and of those without an id, which speak the older dialects. */
  otherCallers: CallStats<ServerErrorKind>;
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
  /**
   * Calls and events for the reserved patterns of introspection that have got a place, whether or not that is offered. Of the
   * counts above, only `running` and `queued` contain them.
   */
  introspections: number;
  /** Calls that were stopped because nobody waited for them any more, or their deadline passed. */
  abandoned: number;
  /** Calls and events that were not executed, by the reason that was told. Most got no place, and are not among `calls`. */
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
  /**
   * Bytes sent to clients and received from them, heartbeats included. With the engine `node` those on the wire, without what
   * TLS adds; with `libzmq` and over `inproc://` those of the frames.
   */
  bytesSent: number;
  /** The same of what was received. */
  bytesReceived: number;
  /** Messages whose client was gone, or left 8192 of them, or of packs of them, unread. */
  undelivered: number;
  /** Messages of clients that made no sense and were dropped, by reason. */
  dropped: Partial<Record<DropReason, number>>;
}

/** The statistics of a server that does not listen: a fresh object each time, which its reader may change. */
export function noServerStats(): ServerStats {
  return {
    ...noCallStats(),
    patterns: {},
    otherPatterns: noCallStats(),
    callers: {},
    otherCallers: noCallStats(),
    clients: 0,
    evicted: 0,
    isDraining: false,
    running: 0,
    lingering: 0,
    queued: 0,
    accepted: 0,
    events: 0,
    introspections: 0,
    abandoned: 0,
    refused: {},
    refusedPerClient: 0,
    keys: 0,
    evictedPerClient: 0,
    replayed: 0,
    unauthorized: 0,
    bytesSent: 0,
    bytesReceived: 0,
    undelivered: 0,
    dropped: {},
  };
}
