import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, ratioInterval, summary } from '../../benchmark/src/report/statistics.js';

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

test('the interval of ratios is that of Student’s t on their logarithms', () => {
  // R: exp(t.test(log(c(0.9, 1, 1.1, 1.05, 0.95)))$conf.int)
  const { mean, low, high } = ratioInterval([0.9, 1, 1.1, 1.05, 0.95]);
  expect(mean).toBeCloseTo(0.9974925, 6);
  expect(low).toBeCloseTo(0.9039, 3);
  expect(high).toBeCloseTo(1.1007, 3);
});

test('the interval of equal ratios is a point, and a half and a double are alike', () => {
  const equal = ratioInterval(Array<number>(20).fill(0.97));
  expect(equal.low).toBeCloseTo(0.97, 9);
  expect(equal.high).toBeCloseTo(0.97, 9);
  const { mean, low, high } = ratioInterval([0.5, 2, 0.5, 2, 0.5, 2]);
  expect(mean).toBeCloseTo(1, 9);
  expect(low * high).toBeCloseTo(1, 9);
});

test('fewer than five ratios have no interval', () => {
  expect(() => ratioInterval([1, 1, 1, 1])).toThrow(RangeError);
});
