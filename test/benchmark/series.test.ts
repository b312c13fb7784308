import { expect, test } from 'vitest';
import { ratioOf, seriesOf, summaryOf } from '../../benchmark/src/report/series.js';
import { rowsOf } from './rows.js';

const place = {
  scenario: 'calls',
  cell: '16 in flight',
  subject: 'freelance',
  metric: 'callsPerSecond',
} as const;

test('a series is one metric of one subject in one cell, per round', () => {
  const rows = [
    ...rowsOf('freelance', '16 in flight', 'callsPerSecond', [10, 20]),
    ...rowsOf('tcp', '16 in flight', 'callsPerSecond', [1, 2]),
    ...rowsOf('freelance', '1 in flight', 'callsPerSecond', [3, 4]),
    ...rowsOf('freelance', '16 in flight', 'p50Ms', [5, 6]),
  ];
  expect([...seriesOf(rows, place)]).toEqual([
    [1, 10],
    [2, 20],
  ]);
});

test("a ratio is the median of the rounds' ratios, not the ratio of the medians", () => {
  const ours = new Map([1, 2, 3].map((round) => [round, [100, 40, 90][round - 1] ?? 0]));
  const theirs = new Map([1, 2, 3].map((round) => [round, [50, 10, 100][round - 1] ?? 0]));
  expect(ratioOf(ours, theirs)).toEqual({ median: 2, low: 0.9, high: 4 });
});

test('a round that only one of the two has is ignored', () => {
  const ours = new Map([
    [1, 100],
    [2, 30],
  ]);
  expect(ratioOf(ours, new Map([[2, 10]]))).toEqual({ median: 3, low: 3, high: 3 });
  expect(ratioOf(ours, new Map())).toBeUndefined();
});

test('without measurements there is no summary', () => {
  expect(summaryOf(seriesOf([], place))).toBeUndefined();
});
