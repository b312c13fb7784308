import { createHistogram } from 'node:perf_hooks';
import { inspect } from 'node:util';

const LONGEST_NS = 60_000_000_000;

/** What a load has done since it was last asked to begin counting. */
export interface Counts {
  readonly operations: number;
  readonly values: number;
  readonly bytes: number;
  /** How long operations took, in ns; `undefined` if they are not timed. */
  readonly latency: Latency | undefined;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Counts what a load does. */
export class Tally {
  readonly #histogram = createHistogram({ lowest: 1, highest: LONGEST_NS, figures: 3 });
  #operations = 0;
  #values = 0;
  #bytes = 0;
  #failures = 0;
  #firstFailure = '';

  mark(): void {
    this.#histogram.reset();
    this.#operations = 0;
    this.#values = 0;
    this.#bytes = 0;
  }

  /** @throws Error if anything has failed, before the count began or since */
  read(): Counts {
    if (this.#failures > 0) {
      throw new Error(`${this.#failures} failed, the first with: ${this.#firstFailure}`);
    }
    return {
      operations: this.#operations,
      values: this.#values,
      bytes: this.#bytes,
      latency: this.#latency(),
    };
  }

  /** Something that takes time has ended, so many ms after it began. */
  timed(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * 1e6)));
    this.#operations++;
  }

  /** So many values have arrived, of so many bytes in all. */
  moved(values: number, bytes: number): void {
    this.#values += values;
    this.#bytes += bytes;
  }

  failed(error: unknown): void {
    if (this.#failures++ === 0) this.#firstFailure = inspect(error);
  }

  #latency(): Latency | undefined {
    if (this.#operations === 0) return undefined;
    const [p50, p99, p999] = [50, 99, 99.9].map((share) => this.#histogram.percentile(share));
    if (p50 === undefined || p99 === undefined || p999 === undefined) return undefined;
    return { p50, p99, p999 };
  }
}
