export interface LogLimiterOptions {
  /** How many entries of a kind may come at once. @default 5 */
  readonly burst?: number;
  /** After the burst, one entry per this many ms. @default 10 000 */
  readonly interval?: number;
  /** How many kinds are tracked at a time; further ones share one allowance. @default 256 */
  readonly maxKinds?: number;
}

interface Kind {
  /** When its allowance is full again, in ms. */
  wholeAt: number;
  suppressed: number;
}

/**
 * Bounds how often entries of a kind are logged, and counts the suppressed ones: a peer must not be able to fill a disk.
 * The name of a kind comes from this library, never from a peer, who could choose a new one each time. Its memory is
 * bounded all the same.
 *
 * Each kind has a token bucket, stored as the one time at which it is full again: GCRA, ITU-T I.371.
 */
export class LogLimiter {
  readonly #burst: number;
  readonly #interval: number;
  readonly #maxKinds: number;
  readonly #kinds = new Map<string, Kind>();
  readonly #others: Kind = { wholeAt: -Infinity, suppressed: 0 };

  constructor({ burst = 5, interval = 10_000, maxKinds = 256 }: LogLimiterOptions = {}) {
    this.#burst = burst;
    this.#interval = interval;
    this.#maxKinds = maxKinds;
  }

  /**
   * Asks whether to log an entry of that kind.
   *
   * @returns how many entries were suppressed since the last one that was logged; undefined if this one is suppressed
   */
  admit(name: string, now: number): number | undefined {
    const kind = this.#kindOf(name, now);
    const wholeAt = Math.max(kind.wholeAt, now) + this.#interval;
    if (wholeAt - now > this.#burst * this.#interval) {
      kind.suppressed++;
      return undefined;
    }
    kind.wholeAt = wholeAt;
    const { suppressed } = kind;
    kind.suppressed = 0;
    return suppressed;
  }

  #kindOf(name: string, now: number): Kind {
    let kind = this.#kinds.get(name);
    if (kind) return kind;
    if (this.#kinds.size >= this.#maxKinds) this.#forgetWhole(now);
    if (this.#kinds.size >= this.#maxKinds) return this.#others;
    kind = { wholeAt: -Infinity, suppressed: 0 };
    this.#kinds.set(name, kind);
    return kind;
  }

  /** A kind whose allowance is full is like one never seen. */
  #forgetWhole(now: number): void {
    for (const [name, { wholeAt }] of this.#kinds) if (wholeAt <= now) this.#kinds.delete(name);
  }
}
