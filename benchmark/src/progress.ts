import { rounded } from './report/format.js';
import type { Row } from './report/row.js';
import type { Cell, Scenario } from './scenarios/scenario.js';
import { SUBJECT_NAMES } from './subjects/registry.js';

/** Reports measurements on standard error, one line per cell and round. */
export class Progress {
  readonly #startedAt = performance.now();
  readonly #total: number;
  #done = 0;

  /** @param total how many numbers there will be, over all subjects, cells and rounds */
  constructor(total: number) {
    this.#total = total;
  }

  measured({ name, metrics: [metric] }: Scenario, cell: Cell, rows: readonly Row[]): void {
    this.#done += rows.length;
    const numbers = rows
      .toSorted((a, b) => SUBJECT_NAMES.indexOf(a.subject) - SUBJECT_NAMES.indexOf(b.subject))
      .map(({ subject, values }) => `${subject} ${rounded(values[metric.key] ?? NaN)}`);
    const share = `${Math.floor((100 * this.#done) / this.#total)}%`.padStart(4);
    const round = rows[0]?.round;
    this.say(
      `${share} ${this.#elapsed()}  round ${round}  ${name}, ${cell.name}: ${numbers.join('  ')} ${metric.heading}`,
    );
  }

  say(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  #elapsed(): string {
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}
