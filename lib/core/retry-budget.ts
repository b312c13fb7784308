/** How many attempts a client may make beyond the first attempt of each call. */
export interface RetryBudgetPolicy {
  /** Attempts per call. */
  readonly ratio: number;
  /** Attempts per second, however few calls there are. */
  readonly minPerSecond: number;
}

/** How long a call or an attempt counts, in ms. Source: finagle, `RetryBudget.DefaultTtl`. */
const TTL_MS = 10_000;
const SLICES = 10;
const SLICE_MS = TTL_MS / SLICES;

/**
 * A token bucket that keeps retries from worsening an overload: each call adds `ratio` of a token, each attempt that may
 * add load takes one, and both are forgotten after 10 s. `minPerSecond` keeps a reserve for those 10 s, so that a client
 * with few calls may retry a burst of them.
 *
 * Source: finagle, RetryBudget.scala and WindowedAdder.scala; its defaults, 20 % and 10 a second.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  /** Tokens added minus tokens taken, per slice of time. The current slice is in `#calls` and `#taken`. */
  readonly #slices: number[] = Array.from({ length: SLICES }, () => 0);
  /** The sum of the slices. */
  #past = 0;
  #slice = 0;
  #sliceEndsAt = 0;
  #calls = 0;
  #taken = 0;

  constructor({ ratio, minPerSecond }: RetryBudgetPolicy) {
    this.#ratio = ratio;
    this.#reserve = (minPerSecond * TTL_MS) / 1000;
  }

  /** Every call does this: it only increments a number. */
  called(now: number): void {
    if (now >= this.#sliceEndsAt) this.#turnTo(now);
    this.#calls++;
  }

  /** Takes a token for one attempt; false if there is none. */
  withdraw(now: number): boolean {
    if (this.balance(now) < 1) return false;
    this.#taken++;
    return true;
  }

  /** Tokens available. */
  balance(now: number): number {
    if (now >= this.#sliceEndsAt) this.#turnTo(now);
    // Withdrawals may outlive the calls that paid for them.
    return Math.max(this.#reserve + this.#past + this.#net, 0);
  }

  get #net(): number {
    return this.#calls * this.#ratio - this.#taken;
  }

  #turnTo(now: number): void {
    const slice = Math.floor(now / SLICE_MS);
    this.#slices[this.#slice % SLICES] = this.#net;
    const firstToForget = Math.max(this.#slice + 1, slice - SLICES + 1);
    for (let passed = firstToForget; passed <= slice; passed++) this.#slices[passed % SLICES] = 0;
    this.#past = this.#slices.reduce((sum, net) => sum + net, 0);
    this.#calls = 0;
    this.#taken = 0;
    this.#slice = slice;
    this.#sliceEndsAt = (slice + 1) * SLICE_MS;
  }
}
