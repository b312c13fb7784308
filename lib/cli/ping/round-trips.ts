/** What `RoundTrips` sums up, in ms. */
export interface RoundTripSummary {
  readonly minMs: number;
  readonly avgMs: number;
  readonly maxMs: number;
  /** The population's, as ping(8) has it. */
  readonly stddevMs: number;
}

/** Sums up round trips, however many. Source: B. P. Welford, "Note on a Method for Calculating Corrected Sums", 1962. */
export class RoundTrips {
  #count = 0;
  #min = Infinity;
  #max = 0;
  #mean = 0;
  #squares = 0;

  add(ms: number): void {
    this.#count++;
    this.#min = Math.min(this.#min, ms);
    this.#max = Math.max(this.#max, ms);
    const before = ms - this.#mean;
    this.#mean += before / this.#count;
    this.#squares += before * (ms - this.#mean);
  }

  /** Undefined if there was none. */
  summary(): RoundTripSummary | undefined {
    if (this.#count === 0) return undefined;
    const stddevMs = Math.sqrt(this.#squares / this.#count);
    return { minMs: this.#min, avgMs: this.#mean, maxMs: this.#max, stddevMs };
  }
}
