/**
 * Tells a burst of calls that every server refuses from a lasting overload, by the same rule by which a server recognizes
 * a standing queue (`admission.ts`). A client cannot see the servers' queues.
 */
export class Saturation {
  readonly #burst: number;
  #since = -Infinity;
  #latest = -Infinity;

  /** @param burst how long a burst may last, in ms; it is over after this long without a refusal */
  constructor(burst: number) {
    this.#burst = burst;
  }

  /** Every server has refused a call. @returns whether refusals have lasted longer than a burst */
  refused(now: number): boolean {
    if (now - this.#latest > this.#burst) this.#since = now;
    this.#latest = now;
    return now - this.#since > this.#burst;
  }
}
