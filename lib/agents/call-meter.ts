import { Histogram } from '../core/histogram.js';
import { type CallStats, latencyStats, MICROS_PER_MS } from './call-stats.js';

/** Counts calls, and how they end: those of one pattern, of one client, or at one server. */
export class CallMeter<ErrorKind extends string = string> {
  #calls = 0;
  #pending = 0;
  #cancelled = 0;
  /** Most meters see few kinds of errors, and many see none. */
  readonly #errors = new Map<ErrorKind, number>();
  readonly #micros = new Histogram();

  get pending(): number {
    return this.#pending;
  }

  began(): void {
    this.#calls++;
    this.#pending++;
  }

  /** @param ms how long it took */
  answered(ms: number): void {
    this.#pending--;
    this.#micros.record(ms * MICROS_PER_MS);
  }

  failed(kind: ErrorKind, ms: number): void {
    this.answered(ms);
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
  }

  cancelled(): void {
    this.#pending--;
    this.#cancelled++;
  }

  /** It did not run: it was refused, or did not even leave. It stays among the calls, since a counter never goes back. */
  refused(): void {
    this.#pending--;
  }

  /** Adds everything that the other one has counted. */
  add(other: CallMeter<ErrorKind>): void {
    this.#calls += other.#calls;
    this.#pending += other.#pending;
    this.#cancelled += other.#cancelled;
    for (const [kind, count] of other.#errors)
      this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + count);
    this.#micros.add(other.#micros);
  }

  stats(): CallStats<ErrorKind> {
    return {
      calls: this.#calls,
      pending: this.#pending,
      errors: Object.fromEntries(this.#errors) as Partial<Record<ErrorKind, number>>,
      cancelled: this.#cancelled,
      latency: latencyStats(this.#micros),
    };
  }
}
