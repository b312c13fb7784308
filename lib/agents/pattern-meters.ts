import type { Pattern } from '../protocol/headers.js';
import { Memo } from '../protocol/memo.js';
import { nameOf } from '../protocol/pattern-name.js';
import { type Meter, MeterTable } from './meter-table.js';

interface PatternStats<Stats> {
  patterns: Record<string, Stats>;
  otherPatterns: Stats;
}

/** The meters of patterns. Patterns that reach the same handler have the same one. */
export class PatternMeters<M extends Meter<M>> {
  readonly #table: MeterTable<M>;
  readonly #isKnown: (name: string) => boolean;
  /** By the pattern as it came, an object as its JSON: naming it costs more than the call's other counts together. */
  readonly #byText = new Memo<M>();

  /** @param isKnown whether a pattern gets a meter of its own. A server knows the patterns that it has handlers for */
  constructor(make: () => M, isKnown: (name: string) => boolean = () => true) {
    this.#table = new MeterTable(make, false);
    this.#isKnown = isKnown;
  }

  of(pattern: Pattern): M {
    const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
    const known = this.#byText.get(text);
    if (known) return known;
    const name = nameOf(pattern);
    const meter = this.#isKnown(name) ? this.#table.of(name) : this.#table.others;
    this.#byText.set(text, meter);
    return meter;
  }

  /** What all patterns together have counted. */
  sum(): M {
    return this.#table.sum();
  }

  stats<Stats>(read: (meter: M) => Stats): PatternStats<Stats> {
    return { patterns: this.#table.list(read), otherPatterns: read(this.#table.others) };
  }
}
