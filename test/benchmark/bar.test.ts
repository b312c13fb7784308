import { expect, test } from 'vitest';
import { type Bar, barResult } from '../../benchmark/src/report/bar.js';
import { BARS } from '../../benchmark/src/report/bars.js';
import { barsTable } from '../../benchmark/src/report/bars-table.js';
import { findCell, findScenario } from '../../benchmark/src/scenarios/registry.js';
import { rowsOf } from './rows.js';

const place = {
  scenario: 'calls',
  cell: '1 in flight',
  subject: 'freelance',
  metric: 'callsPerSecond',
} as const;

const atLeastTwice: Bar = {
  what: 'calls/s',
  place,
  reference: { ...place, subject: 'tcp' },
  unit: '×',
  goals: { bound: 'least', atLeast: 2, aim: 3 },
};

const atMostTwice: Bar = { ...atLeastTwice, goals: { bound: 'most', atLeast: 2, aim: 1 } };

const measured = (ours: number) => [
  ...rowsOf('freelance', '1 in flight', 'callsPerSecond', [ours]),
  ...rowsOf('tcp', '1 in flight', 'callsPerSecond', [100]),
];

test.each([
  [atLeastTwice, 199, 'no'],
  [atLeastTwice, 200, 'yes'],
  [atLeastTwice, 300, 'aim'],
  [atMostTwice, 201, 'no'],
  [atMostTwice, 200, 'yes'],
  [atMostTwice, 100, 'aim'],
] as const)('%# a bar is reached from its goal on', (bar, ours, verdict) => {
  expect(barResult(bar, measured(ours))?.verdict).toBe(verdict);
});

test('without a reference the value itself counts', () => {
  const bar: Bar = { ...atMostTwice, reference: undefined };
  expect(barResult(bar, measured(1.5))).toMatchObject({
    measured: { median: 1.5 },
    verdict: 'yes',
  });
});

test('without a measurement there is no result and no row', () => {
  const alone = rowsOf('freelance', '1 in flight', 'callsPerSecond', [100]);
  expect(barResult(atLeastTwice, alone)).toBeUndefined();
  expect(barsTable(alone, [atLeastTwice]).split('\n')).toHaveLength(2);
});

test('the table shows goals and verdict', () => {
  const [, , line] = barsTable(measured(250), [atLeastTwice]).split('\n');
  expect(line?.split('|').map((cell) => cell.trim())).toEqual([
    '',
    'calls/s',
    'Nest TCP',
    '2.50×',
    '',
    '≥ 2×',
    '≥ 3×',
    'yes',
    '',
  ]);
});

test('an absolute value has its unit', () => {
  const bar: Bar = { ...atMostTwice, reference: undefined, unit: 'KB' };
  const [, , line] = barsTable(measured(1.5), [bar]).split('\n');
  expect(line?.split('|').map((cell) => cell.trim())).toEqual([
    '',
    'calls/s',
    '–',
    '1.50 KB',
    '',
    '≤ 2 KB',
    '≤ 1 KB',
    'yes',
    '',
  ]);
});

test("every target refers to a scenario's measurement", () => {
  for (const { place: ours, reference } of BARS) {
    for (const { scenario, cell, subject, metric } of reference ? [ours, reference] : [ours]) {
      expect(findCell(scenario, cell).subjects).toContain(subject);
      expect(findScenario(scenario).metrics.map(({ key }) => key)).toContain(metric);
    }
  }
});
