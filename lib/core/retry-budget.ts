/** How many attempts a client may make beyond the first of each call. */
export interface RetryBudgetPolicy {
  /** Attempts for each call. */
  readonly ratio: number;
  /** Attempts a second, however few calls there are. */
  readonly minPerSecond: number;
}

/** How long a call, and an attempt, counts, in ms. Source: finagle, `RetryBudget.DefaultTtl`. */
const TTL_MS = 10_000;
const SLICES = 10;
const SLICE_MS = TTL_MS / SLICES;

/**
 * A token bucket that keeps retries from making an overload worse: each call puts `ratio` of a token in,
 * each attempt that may add load takes one out, and both are forgotten after 10 s. `minPerSecond` keeps so
 * many in it for those 10 s, so that a client of few calls may retry a burst of them.
 *
 * Source: finagle, RetryBudget.scala and WindowedAdder.scala; its defaults, 20 % and 10 a second.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  /** Tokens put in less those taken out, by slice of time. That of the moment is in `#calls` and `#taken`. */
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

  /** On every call's way: it adds one to a number. */
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

  /** Tokens that are there. */
  balance(now: number): number {
    if (now >= this.#sliceEndsAt) this.#turnTo(now);
    // What was taken may outlive what it was taken from.
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
