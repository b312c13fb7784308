/**
 * The smoothed round-trip time of heartbeats.
 *
 * Source: RFC 6298, section 2 (SRTT with alpha 1/8).
 */
export class SmoothedLatency {
  #ms: number | undefined;

  get ms(): number | undefined {
    return this.#ms;
  }

  observe(rttMs: number): void {
    this.#ms = this.#ms === undefined ? rttMs : this.#ms + (rttMs - this.#ms) / 8;
  }
}
