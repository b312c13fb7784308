import type { Row } from './row.js';
import { type Place, ratioOf, seriesOf, summaryOf } from './series.js';
import type { Summary } from './statistics.js';

/** Something that the transport has to reach. */
export interface Bar {
  readonly what: string;
  readonly place: Place;
  /** What that is divided by, round by round; without one it counts as it is. */
  readonly reference: Place | undefined;
  readonly unit: Unit;
  /** Without goals it is told for its own sake. */
  readonly goals: Goals | undefined;
}

/** How many times the reference, or of what the number itself is. */
export type Unit = '×' | '%' | 'KB';

export interface Goals {
  /** Whether the goals are the least or the most that it may be. */
  readonly bound: 'least' | 'most';
  readonly atLeast: number;
  readonly aim: number;
}

export type Verdict = 'aim' | 'yes' | 'no';

export interface BarResult {
  readonly measured: Summary;
  readonly verdict: Verdict | undefined;
}

/** `undefined` if the run did not measure it. */
export function barResult(bar: Bar, rows: readonly Row[]): BarResult | undefined {
  const series = seriesOf(rows, bar.place);
  const measured = bar.reference
    ? ratioOf(series, seriesOf(rows, bar.reference))
    : summaryOf(series);
  return measured && { measured, verdict: bar.goals && verdictOf(measured.median, bar.goals) };
}

/** With its unit: 2.50×, 1.60 %, 9.87 KB. */
export function textOf({ unit }: Bar, value: string): string {
  return unit === '×' ? `${value}×` : `${value} ${unit}`;
}

function verdictOf(value: number, { bound, atLeast, aim }: Goals): Verdict {
  const reaches = (goal: number) => (bound === 'least' ? value >= goal : value <= goal);
  if (reaches(aim)) return 'aim';
  return reaches(atLeast) ? 'yes' : 'no';
}
