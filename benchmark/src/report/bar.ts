import type { Row } from './row.js';
import { type Place, ratioOf, seriesOf, summaryOf } from './series.js';
import type { Summary } from './statistics.js';

/** A target of the transport, relative to something else or absolute. */
export interface Bar {
  readonly what: string;
  readonly place: Place;
  /** The reference that the value is divided by, per round; absolute without one. */
  readonly reference: Place | undefined;
  readonly unit: Unit;
  /** Without goals, the value is only reported. */
  readonly goals: Goals | undefined;
}

/** A multiple or a share of the reference, or the value's own unit. */
export type Unit = '×' | '%' | 'KB';

export interface Goals {
  /** Whether the goals are lower or upper bounds. */
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

/** The value with its unit: 2.50×, 1.60 %, 9.87 KB. */
export function textOf({ unit }: Bar, value: string): string {
  return unit === '×' ? `${value}×` : `${value} ${unit}`;
}

function verdictOf(value: number, { bound, atLeast, aim }: Goals): Verdict {
  const reaches = (goal: number) => (bound === 'least' ? value >= goal : value <= goal);
  if (reaches(aim)) return 'aim';
  return reaches(atLeast) ? 'yes' : 'no';
}
