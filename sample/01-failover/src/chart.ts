import { type Span, span } from './line.js';
import type { Run } from './run.js';
import { sparkline } from './sparkline.js';
import { SLOT_MS } from './tally.js';
import { toneStyle } from './tone-style.js';

/** The waits of callers are drawn from one to the other, in ms, on a logarithmic scale. */
const SHORTEST_MS = 10;
const LONGEST_MS = 5000;

/** The last half seconds of a run, a column each: all its rows show the same time. */
export class Chart {
  readonly #run: Run;
  readonly #slots: readonly number[];

  constructor(run: Run, width: number) {
    const first = Math.max(0, run.completeSlots - width);
    this.#run = run;
    this.#slots = Array.from({ length: width }, (_, column) => first + column);
  }

  /** How many calls a server answered. */
  answers(server: string): Span[] {
    const { servers, tally } = this.#run;
    const all = [...servers.keys()].flatMap((name) => this.#columns(tally.answersOf(name)));
    const most = all.reduce<number>((max, answers) => Math.max(max, answers ?? 0), 1);
    return sparkline(
      this.#columns(tally.answersOf(server)).map((answers) => answers && answers / most),
      'green',
    );
  }

  /** The longest that any caller waited. */
  longestWaits(): Span[] {
    const levels = this.#columns(this.#run.tally.longestWaits).map(
      (ms) => ms && Math.log(ms / SHORTEST_MS) / Math.log(LONGEST_MS / SHORTEST_MS),
    );
    return sparkline(levels, 'yellow');
  }

  /** What was done to the servers, each name beginning at its moment. */
  deeds(): Span[] {
    const spans: Span[] = [];
    const [first = 0] = this.#slots;
    let width = 0;
    for (const { name, at, tone } of this.#run.deeds) {
      const column = Math.floor(at / SLOT_MS) - first;
      if (column < width) continue;
      const text = `↑${name} `;
      spans.push(span(' '.repeat(column - width)), span(text, toneStyle(tone)));
      width = column + text.length;
    }
    return spans;
  }

  #columns(values: readonly number[]): (number | undefined)[] {
    const end = this.#run.completeSlots;
    return this.#slots.map((slot) => (slot < end ? (values[slot] ?? 0) : undefined));
  }
}
