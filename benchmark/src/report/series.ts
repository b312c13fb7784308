import type { SubjectName } from '../subjects/registry.js';
import type { Row } from './row.js';
import { type Summary, summary } from './statistics.js';

/** Identifies a number: one metric of one subject in one cell. */
export interface Place {
  readonly scenario: string;
  readonly cell: string;
  readonly subject: SubjectName;
  readonly metric: string;
}

/** The value of one number per round. */
export type Series = ReadonlyMap<number, number>;

export function seriesOf(rows: readonly Row[], { scenario, cell, subject, metric }: Place): Series {
  const series = new Map<number, number>();
  for (const row of rows) {
    if (row.scenario !== scenario || row.cell !== cell || row.subject !== subject) continue;
    const value = row.values[metric];
    if (value !== undefined) series.set(row.round, value);
  }
  return series;
}

/** `undefined` if it was not measured. */
export function summaryOf(series: Series): Summary | undefined {
  return series.size === 0 ? undefined : summary([...series.values()]);
}

/**
 * The ratio to another number of the same round, since whatever the machine did in that round affected both. `undefined` if
 * no round has both.
 */
export function ratioOf(series: Series, other: Series): Summary | undefined {
  const ratios = new Map<number, number>();
  for (const [round, value] of series) {
    const base = other.get(round);
    if (base !== undefined && base !== 0) ratios.set(round, value / base);
  }
  return summaryOf(ratios);
}
