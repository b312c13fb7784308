import type { MalformedReason } from '../protocol/malformed.js';

/** Why a message was dropped: it could not be read, or it belongs to nothing that we know. */
export type DropReason =
  | MalformedReason
  | 'PONG to no PING'
  | 'REPLY to no call'
  | 'ACK to no event'
  /** Of a client that does not say who it is, to a server with `security` that serves no such clients. */
  | 'unknown sender';

/** Counts dropped messages by reason, and says when one is worth a line in the log. */
export class DropCounter {
  readonly #counts = new Map<DropReason, number>();
  #nextLogAt = -Infinity;

  /** @returns whether to log this one: at most one a second is, however many a peer sends. */
  count(reason: DropReason, now: number): boolean {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    if (now < this.#nextLogAt) return false;
    this.#nextLogAt = now + LOG_INTERVAL_MS;
    return true;
  }

  snapshot(): Partial<Record<DropReason, number>> {
    return Object.fromEntries(this.#counts);
  }
}

const LOG_INTERVAL_MS = 1000;
