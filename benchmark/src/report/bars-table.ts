import { SUBJECTS } from '../subjects/registry.js';
import { type Bar, barResult, textOf } from './bar.js';
import { BARS } from './bars.js';
import { rounded, spread } from './format.js';
import type { Row } from './row.js';
import { table } from './table.js';

/** The targets, and whether each was reached. */
export function barsTable(rows: readonly Row[], bars: readonly Bar[] = BARS): string {
  return table(
    [
      { heading: 'what', align: 'left' },
      { heading: 'against', align: 'left' },
      { heading: 'measured', align: 'right' },
      { heading: 'least–most', align: 'right' },
      { heading: 'at least', align: 'right' },
      { heading: 'aim', align: 'right' },
      { heading: 'reached', align: 'left' },
    ],
    bars.flatMap((bar) => lineOf(bar, rows)),
  );
}

function lineOf(bar: Bar, rows: readonly Row[]): string[][] {
  const result = barResult(bar, rows);
  if (!result) return [];
  const format = (value: number) => textOf(bar, rounded(value));
  const { measured, verdict } = result;
  return [
    [
      bar.what,
      rivalOf(bar),
      format(measured.median),
      spread(measured, format),
      goal(bar, 'atLeast'),
      goal(bar, 'aim'),
      verdict ?? '–',
    ],
  ];
}

function rivalOf({ place, reference }: Bar): string {
  if (!reference) return '–';
  const { label } = SUBJECTS[reference.subject];
  return reference.cell === place.cell ? label : `${label}, ${reference.cell}`;
}

function goal(bar: Bar, which: 'atLeast' | 'aim'): string {
  const { goals } = bar;
  if (!goals) return '–';
  return `${goals.bound === 'least' ? '≥' : '≤'} ${textOf(bar, String(goals[which]))}`;
}
