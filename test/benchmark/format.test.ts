import { expect, test } from 'vitest';
import { rounded, spread, times } from '../../benchmark/src/report/format.js';

test.each([
  [41_234, '41,200'],
  [1_234_567, '1,230,000'],
  [999.6, '1,000'],
  [123.4, '123'],
  [3, '3.00'],
  [0.05123, '0.0512'],
  [0, '0.00'],
])('%d is written with three digits, as %s', (value, written) => {
  expect(rounded(value)).toBe(written);
});

test('a ratio has a × sign', () => {
  expect(times(2.5)).toBe('2.50×');
});

test('one round has no spread', () => {
  expect(spread({ median: 2, low: 1, high: 3 }, rounded)).toBe('1.00–3.00');
  expect(spread({ median: 2, low: 2, high: 2 }, rounded)).toBe('');
});
