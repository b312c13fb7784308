/**
 * How long, in ms, what was seen a while ago still counts: after this time its weight is 1/e.
 * Source: finagle, `com.twitter.finagle.loadbalancer.exp.decayTime`, 10 s.
 */
export const DECAY_MS = 10_000;

/**
 * A moving average of response times that jumps to a peak at once and comes down slowly: a server
 * that turns slow is avoided from its first slow answer, and trusted again with care.
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

  /** The average now: it fades while nothing is observed, so that a punished server is tried again. */
  at(now: number): number | undefined {
    return this.#ms === undefined ? undefined : this.#ms * this.#weightOfPast(now);
  }

  #weightOfPast(now: number): number {
    return Math.exp(-Math.max(now - this.#observedAt, 0) / DECAY_MS);
  }
}
