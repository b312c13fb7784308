import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../../lib/core/histogram.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(41);

const LARGEST = 2 ** 31 - 1;

/** Of every magnitude alike. */
const values = fc
  .tuple(
    fc.integer({ min: 0, max: 30 }),
    fc.double({ min: 1, max: 2, maxExcluded: true, noNaN: true }),
  )
  .map(([exponent, mantissa]) => Math.min(2 ** exponent * mantissa - 1, LARGEST));
const samples = fc.array(values, { minLength: 1, maxLength: 300 });
const quantiles = fc.double({ min: 0, max: 1, noNaN: true });

function histogramOf(sample: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of sample) histogram.record(value);
  return histogram;
}

/** Half a slot: 1/64 of the value, and half a unit where values are below 64. */
const margin = (value: number) => Math.max(value / 64, 0.5);

/** The value that this share of the sorted values does not exceed. */
function exactly(sample: readonly number[], quantile: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(quantile * sorted.length), 1) - 1] ?? NaN;
}

test('a quantile is off by at most 1/64 of its value', () => {
  fc.assert(
    fc.property(samples, quantiles, (sample, quantile) => {
      const exact = exactly(sample, quantile);
      const found = histogramOf(sample).quantile(quantile) ?? NaN;
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(margin(exact));
    }),
  );
});

test('quantiles never exceed the largest value, and grow with the share', () => {
  fc.assert(
    fc.property(samples, quantiles, quantiles, (sample, one, other) => {
      const histogram = histogramOf(sample);
      const lower = histogram.quantile(Math.min(one, other)) ?? NaN;
      const upper = histogram.quantile(Math.max(one, other)) ?? NaN;
      expect(lower).toBeLessThanOrEqual(upper);
      expect(upper).toBeLessThanOrEqual(Math.max(...sample));
    }),
  );
});

test('count, sum and maximum are exact', () => {
  fc.assert(
    fc.property(samples, (sample) => {
      const { count, sum, max } = histogramOf(sample);
      const total = sample.reduce((all, value) => all + value, 0);
      expect({ count, sum, max }).toEqual({
        count: sample.length,
        sum: total,
        max: Math.max(...sample),
      });
    }),
  );
});

test('adding one to another is the same as recording the values of both', () => {
  const bounds = [1, 64, 1000, 1e6];
  const read = (histogram: Histogram) => ({
    count: histogram.count,
    max: histogram.max,
    quantiles: [0, 0.5, 0.9, 0.99, 1].map((share) => histogram.quantile(share)),
    cumulative: histogram.cumulative(bounds),
  });
  fc.assert(
    fc.property(samples, samples, (one, other) => {
      const sum = histogramOf(one);
      sum.add(histogramOf(other));
      expect(read(sum)).toEqual(read(histogramOf([...one, ...other])));
    }),
  );
});

test('adding does not change the one that is added', () => {
  const added = histogramOf([5]);
  histogramOf([1_000_000]).add(added);
  expect([added.count, added.max, added.quantile(1)]).toEqual([1, 5, 5]);
});

test('cumulative counts grow with the bounds, and are off only by values beside a bound', () => {
  const bounds = fc.array(values, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(samples, bounds, (sample, unsorted) => {
      const ascending = unsorted.toSorted((a, b) => a - b);
      const counts = histogramOf(sample).cumulative(ascending);
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      for (const [at, bound] of ascending.entries()) {
        const surely = sample.filter((value) => value + 2 * margin(value) < bound).length;
        const perhaps = sample.filter((value) => value - 2 * margin(value) <= bound).length;
        expect(counts[at]).toBeGreaterThanOrEqual(surely);
        expect(counts[at]).toBeLessThanOrEqual(perhaps);
      }
    }),
  );
});

test('every whole number up to 63 has a slot of its own', () => {
  const all = Array.from({ length: 64 }, (_, value) => value);
  const bounds = all.map((value) => value + 0.5);
  expect(histogramOf(all).cumulative(bounds)).toEqual(all.map((value) => value + 1));
});

test('without values there is no quantile', () => {
  const none = new Histogram();
  expect([none.count, none.sum, none.max, none.quantile(0.5)]).toEqual([0, 0, 0, undefined]);
  expect(none.cumulative([1, 10])).toEqual([0, 0]);
});

test.each([NaN, -1, -Infinity, Infinity])('%d counts as 0, and spoils nothing', (value) => {
  const histogram = histogramOf([value, 10]);
  expect([histogram.count, histogram.sum, histogram.max]).toEqual([2, 10, 10]);
  expect(histogram.quantile(0.5)).toBe(0.5);
});

test.each([LARGEST, LARGEST + 1, 2 ** 32, 2 ** 40, 1e300])('%d is counted', (value) => {
  const histogram = histogramOf([1, value]);
  expect([histogram.count, histogram.max]).toEqual([2, value]);
  expect(histogram.quantile(1)).toBeGreaterThan(2 ** 30);
  expect(histogram.cumulative([2, value])).toEqual([1, 2]);
});
