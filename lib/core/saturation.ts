/**
 * Tells a burst of calls that every server refuses from an overload that stays: the rule by which a server
 * tells a queue that stands (`admission.ts`), for a client, which has no queue to look at.
 */
export class Saturation {
  readonly #burst: number;
  #since = -Infinity;
  #latest = -Infinity;

  /** @param burst how long a burst may last, in ms; without a refusal for as long, it is over */
  constructor(burst: number) {
    this.#burst = burst;
  }

  /** A call was refused by all. @returns whether that has gone on for longer than a burst */
  refused(now: number): boolean {
    if (now - this.#latest > this.#burst) this.#since = now;
    this.#latest = now;
    return now - this.#since > this.#burst;
  }
}
