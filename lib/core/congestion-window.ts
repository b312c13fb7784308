import { type Backoff, backoffDelay } from './backoff.js';

/** How many calls go out before the first is answered. Source: RFC 6928, TCP's initial window of ten segments. */
const INITIAL_SIZE = 10;

/** The pause after a refusal, if no answer comes meanwhile: each time it doubles, and is jittered. */
const PAUSE: Backoff = { initial: 100, max: 1000 };

/**
 * How many calls of a backlog may be out at servers that have just come back, before it is known what these take: the
 * congestion control of TCP, with a refusal in the place of a lost segment.
 *
 * ```
 *  slow start: each call that was taken       refused       congestion avoidance: so many that were taken
 *  lets one more out, so the window doubles ──────────────▶ as the window has let one more out; each
 *  with each round trip                                     refusal halves it, once for all that were out
 * ```
 *
 * Calls that were taken are the clock of those that follow. Where none is, for all were refused, that is a timer.
 *
 * Source: RFC 5681, "TCP Congestion Control", section 3.1.
 */
export class CongestionWindow {
  #size = INITIAL_SIZE;
  /** Below it, slow start. */
  #threshold = Infinity;
  #reducedAt = -Infinity;
  #pauses = 0;
  /** No call is to go out before, unless another one is taken. */
  resumesAt = -Infinity;

  /** How many more may go out. */
  room(underWay: number, now: number): number {
    return now < this.resumesAt ? 0 : Math.max(Math.floor(this.#size) - underWay, 0);
  }

  /** A server has taken a call. */
  taken(): void {
    this.#size += this.#size < this.#threshold ? 1 : 1 / this.#size;
    this.#pauses = 0;
    this.resumesAt = -Infinity;
  }

  /** Every server has refused a call that went out at `sentAt`. */
  refused(sentAt: number, now: number, random: () => number): void {
    if (sentAt > this.#reducedAt) {
      this.#size = Math.max(this.#size / 2, 1);
      this.#threshold = this.#size;
      this.#reducedAt = now;
      this.#pauses++;
    }
    const pause = backoffDelay(PAUSE, Math.max(this.#pauses - 1, 0), random);
    this.resumesAt = now + Math.max(pause, 1);
  }

  /** One more server can take calls: how many is not known. */
  serverCame(): void {
    this.#threshold = Infinity;
    this.resumesAt = -Infinity;
  }

  /** No server can take calls: what was known of them is of no use. */
  serversWent(): void {
    this.#size = INITIAL_SIZE;
    this.#pauses = 0;
    this.serverCame();
  }
}
