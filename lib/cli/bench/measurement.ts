import { MICROS_PER_MS } from '../../agents/call-stats.js';
import { Histogram } from '../../core/histogram.js';
import { plainText } from '../../core/plain-text.js';
import type { CallOutcome } from './load.js';

/** How many calls failed in one way, and what the first of them said. */
export interface ErrorCount {
  count: number;
  readonly example: string;
}

/** How long calls took, in ms. A quantile of too few calls to tell is undefined, such as p99.9 of less than 1000. */
export interface LatencySummary {
  readonly meanMs: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p90Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly p999Ms: number | undefined;
  readonly maxMs: number | undefined;
}

const LONGEST_EXAMPLE = 200;

/** The kinds are codes of errors, which are few. A bound all the same. */
const MOST_KINDS = 50;

/** Counts the calls that were due within a window of time, whenever they end. In ms of the load's clock. */
export class Measurement {
  readonly errors = new Map<string, ErrorCount>();
  readonly #from: number;
  readonly #until: number;
  readonly #micros = new Histogram();
  #begun = 0;
  #failed = 0;
  #lastEndAt: number;

  constructor(from: number, until: number) {
    this.#from = from;
    this.#until = until;
    this.#lastEndAt = from;
  }

  get begun(): number {
    return this.#begun;
  }

  get answered(): number {
    return this.#micros.count;
  }

  get failed(): number {
    return this.#failed;
  }

  callBegun(startedAt: number): void {
    if (this.#counts(startedAt)) this.#begun++;
  }

  callEnded(startedAt: number, endedAt: number, outcome: CallOutcome): void {
    if (!this.#counts(startedAt)) return;
    this.#lastEndAt = Math.max(this.#lastEndAt, endedAt);
    if (outcome.type === 'answered') this.#micros.record((endedAt - startedAt) * MICROS_PER_MS);
    else this.#fail(outcome.kind, outcome.message);
  }

  /**
   * From the beginning of the window to its end or, if that was later, to the end of the last call: answers that came after the
   * window must not make its rate look better.
   *
   * @param now while the window is not over
   */
  elapsedMs(now: number): number {
    const until = Math.max(Math.min(now, this.#until), this.#lastEndAt);
    return Math.max(until - this.#from, 0);
  }

  /** Answers per second; failed calls are none. */
  perSecond(now: number): number {
    const ms = this.elapsedMs(now);
    return ms === 0 ? 0 : (this.answered / ms) * 1000;
  }

  /** Of the calls that were answered. */
  latency(): LatencySummary {
    const micros = this.#micros;
    const quantile = (share: number) => {
      const canTell = micros.count >= Math.round(1 / (1 - share));
      const value = canTell || share <= 0.5 ? micros.quantile(share) : undefined;
      return value === undefined ? undefined : value / MICROS_PER_MS;
    };
    const hasAny = micros.count > 0;
    return {
      meanMs: hasAny ? micros.sum / micros.count / MICROS_PER_MS : undefined,
      p50Ms: quantile(0.5),
      p90Ms: quantile(0.9),
      p99Ms: quantile(0.99),
      p999Ms: quantile(0.999),
      maxMs: hasAny ? micros.max / MICROS_PER_MS : undefined,
    };
  }

  #counts(startedAt: number): boolean {
    return startedAt >= this.#from && startedAt < this.#until;
  }

  #fail(kind: string, message: string): void {
    this.#failed++;
    const known = this.errors.get(kind);
    if (known) known.count++;
    else if (this.errors.size < MOST_KINDS)
      this.errors.set(kind, { count: 1, example: plainText(message, LONGEST_EXAMPLE) });
  }
}
