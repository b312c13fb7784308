import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, summary } from '../../benchmark/src/report/statistics.js';

test('the median is the middle value, or the mean of the two middle values', () => {
  expect(median([3])).toBe(3);
  expect(median([100, 9, 20])).toBe(20);
  expect(median([4, 1, 2, 100])).toBe(3);
});

test('an empty list has no median', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('as many values are below the median as above it, in any order', () => {
  const values = fc.array(fc.integer(), { minLength: 1 });
  fc.assert(
    fc.property(values, (all) => {
      const middle = median(all);
      const below = all.filter((value) => value < middle).length;
      const above = all.filter((value) => value > middle).length;
      expect(below).toBeLessThanOrEqual(all.length / 2);
      expect(above).toBeLessThanOrEqual(all.length / 2);
      expect(median(all.toReversed())).toBe(middle);
    }),
  );
});

test('a summary has minimum and maximum beside the median', () => {
  expect(summary([5, 1, 9])).toEqual({ median: 5, low: 1, high: 9 });
});
