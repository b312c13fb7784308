import { createHistogram } from 'node:perf_hooks';
import { inspect } from 'node:util';

const LONGEST_NS = 60_000_000_000;
const NS_PER_MS = 1e6;

/** What a load has done since counting began. */
export interface Counts {
  /** Calls, or whole streams. */
  readonly operations: number;
  /** Answers, values of streams, or events. */
  readonly values: number;
  /** Bytes of payload, in both directions together. */
  readonly bytes: number;
  /** How long operations took, in ns; `undefined` if there were none. */
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

  get isEmpty(): boolean {
    return this.#values === 0;
  }

  mark(): void {
    this.#histogram.reset();
    this.#operations = 0;
    this.#values = 0;
    this.#bytes = 0;
  }

  /** @throws Error if anything has failed, before counting began or since */
  read(): Counts {
    if (this.#failures > 0) {
      throw new Error(`${this.#failures} failed, first with: ${this.#firstFailure}`);
    }
    return {
      operations: this.#operations,
      values: this.#values,
      bytes: this.#bytes,
      latency: this.#operations > 0 ? this.#latency() : undefined,
    };
  }

  /** A value has arrived. */
  received(): void {
    this.#values++;
  }

  /** An operation has ended, this many ms after it began. */
  ended(ms: number, bytes: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * NS_PER_MS)));
    this.#operations++;
    this.#bytes += bytes;
  }

  failed(error: unknown): void {
    if (this.#failures++ > 0) return;
    this.#firstFailure = error instanceof Error ? error.message : inspect(error);
  }

  #latency(): Latency {
    const at = (percent: number) => this.#histogram.percentile(percent);
    return { p50: at(50), p99: at(99), p999: at(99.9) };
  }
}
