import { type Backoff, backoffDelay } from './backoff.js';

/** Calls sent before the first is answered. Source: RFC 6928, TCP's initial window of ten segments. */
const INITIAL_SIZE = 10;

/** The pause after a refusal, unless an answer comes first: it doubles each time and is jittered. */
const PAUSE: Backoff = { initial: 100, max: 1000 };

/**
 * How many calls of a backlog may be in flight at servers that have just come back, before their capacity is known: the
 * congestion control of TCP, with a refusal in the place of a lost segment.
 *
 * ```
 *  slow start: each accepted call lets           refused       congestion avoidance: a whole window of
 *  one more out, so the window doubles ──────────────────────▶ accepted calls lets one more out; a refusal
 *  per round trip                                              halves it, once for all calls in flight
 * ```
 *
 * Accepted calls clock the following ones. When all calls are refused, a timer takes over.
 *
 * Source: RFC 5681, "TCP Congestion Control", section 3.1.
 */
export class CongestionWindow {
  #size = INITIAL_SIZE;
  /** Slow start below it, congestion avoidance from it on. */
  #threshold = Infinity;
  #reducedAt = -Infinity;
  #pauses = 0;
  /** No call goes out before this time, unless another one is accepted. */
  resumesAt = -Infinity;

  /** How many more calls may go out. */
  room(underWay: number, now: number): number {
    return now < this.resumesAt ? 0 : Math.max(Math.floor(this.#size) - underWay, 0);
  }

  /** A server has accepted a call. */
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

  /** Another server is usable; its capacity is unknown. */
  serverCame(): void {
    this.#threshold = Infinity;
    this.resumesAt = -Infinity;
  }

  /** No server is usable: what was learned of them is void. */
  serversWent(): void {
    this.#size = INITIAL_SIZE;
    this.#pauses = 0;
    this.serverCame();
  }
}
