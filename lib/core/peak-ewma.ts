/**
 * Time constant of the decay, in ms: an observation of this age weighs 1/e.
 * Source: finagle, `com.twitter.finagle.loadbalancer.exp.decayTime`, 10 s.
 */
export const DECAY_MS = 10_000;

/**
 * A moving average of response times that rises to a peak at once and comes down slowly: a server that becomes slow is
 * avoided from its first slow answer on, and trusted again with care.
 *
 * Source: finagle, PeakEwma.scala; A. Eckner, "Algorithms for Unevenly Spaced Time Series".
 */
export class PeakEwma {
  #ms: number | undefined;
  #observedAt = 0;

  observe(responseMs: number, now: number): void {
    if (this.#ms === undefined || responseMs >= this.#ms) {
      this.#ms = responseMs;
    } else {
      const weight = this.#weightOfPast(now);
      this.#ms = this.#ms * weight + responseMs * (1 - weight);
    }
    this.#observedAt = now;
  }

  /** The average at `now`: it decays while nothing is observed, so that a slow server is tried again. */
  at(now: number): number | undefined {
    return this.#ms === undefined ? undefined : this.#ms * this.#weightOfPast(now);
  }

  #weightOfPast(now: number): number {
    return Math.exp(-Math.max(now - this.#observedAt, 0) / DECAY_MS);
  }
}
