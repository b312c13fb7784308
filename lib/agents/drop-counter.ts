import type { MalformedReason } from '../protocol/malformed.js';

/**
 * Why a message was dropped: it could not be read, or it belongs to nothing that this side knows.
 *
 * - `unknown-pong`: a PONG to a PING that was never sent over this connection.
 * - `unknown-reply`: a REPLY to a call that is not in flight there: it has ended, went elsewhere, or never was.
 * - `unknown-ack`: an ACK to an event that is not in flight there.
 * - `unknown-sender`: from a client that does not say who it is, to a server with `security` that serves no such clients.
 */
export type DropReason =
  MalformedReason | 'unknown-pong' | 'unknown-reply' | 'unknown-ack' | 'unknown-sender';

const SENTENCES: Record<DropReason, string> = {
  'no-delimiter': 'its first frame is not empty',
  'unknown-command': 'its command is unknown here',
  'wrong-frame-count': 'it has the wrong number of frames',
  'invalid-utf8': 'its text is not UTF-8',
  'invalid-json': 'it is not JSON where it should be',
  'invalid-id': 'its id is too long',
  'invalid-hello': 'its hello cannot be read',
  'invalid-headers': 'its headers cannot be read',
  'invalid-credit': 'its credit is no positive whole number',
  'invalid-pack': 'its PACK cannot be read',
  'unknown-pong': 'it answers no PING that was sent',
  'unknown-reply': 'it answers no call that is in flight',
  'unknown-ack': 'it accepts no event that is in flight',
  'unknown-sender': 'its sender does not say who it is',
};

/** The reason for people, to follow a colon. */
export function describeDrop(reason: DropReason): string {
  return `${SENTENCES[reason]} (${reason})`;
}

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
