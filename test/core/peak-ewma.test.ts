import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PeakEwma } from '../../lib/core/peak-ewma.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(12);

/** An average of these response times, each `[ms, at]`. */
function observed(...observations: [number, number][]): PeakEwma {
  const average = new PeakEwma();
  for (const [ms, at] of observations) average.observe(ms, at);
  return average;
}

test('before the first response the average is unknown, not zero', () => {
  expect(observed().at(1000)).toBeUndefined();
});

test('the first response is the average', () => {
  expect(observed([40, 1000]).at(1000)).toBe(40);
  expect(observed([0, 1000]).at(1000)).toBe(0);
});

test('it rises to a peak at once', () => {
  expect(observed([10, 0], [500, 1]).at(1)).toBe(500);
});

test('it comes down slowly: an observation ten seconds old weighs 1/e', () => {
  const slow = observed([500, 0], [100, 10_000]).at(10_000);
  expect(slow).toBeCloseTo(500 / Math.E + 100 * (1 - 1 / Math.E));
});

test('a fast answer right after a slow one restores no trust', () => {
  expect(observed([500, 0], [1, 0]).at(0)).toBe(500);
  expect(observed([500, 0], [1, 100]).at(100)).toBeGreaterThan(490);
});

test('it decays from the latest response, not from the first', () => {
  const average = observed([500, 0], [100, 10_000]);
  const then = average.at(10_000) ?? NaN;
  expect(average.at(20_000)).toBeCloseTo(then / Math.E);
});

test('it decays while nothing is observed, so that a slow server is tried again', () => {
  const average = observed([500, 0]);
  expect(average.at(10_000)).toBeCloseTo(500 / Math.E);
  expect(average.at(100_000)).toBeLessThan(0.1);
});

test('reading it does not change it', () => {
  const average = observed([500, 0]);
  average.at(50_000);
  expect(average.at(0)).toBe(500);
});

test('a time before the latest response does not inflate it', () => {
  expect(observed([500, 10_000]).at(0)).toBe(500);
  expect(observed([500, 10_000], [100, 0]).at(0)).toBe(500);
});

test('it stays within the observed range', () => {
  const responses = fc.array(fc.tuple(fc.nat(10_000), fc.nat(60_000)), { minLength: 1 });
  fc.assert(
    fc.property(responses, (seen) => {
      const average = new PeakEwma();
      let now = 0;
      for (const [ms, pause] of seen) {
        now += pause;
        average.observe(ms, now);
      }
      const times = seen.map(([ms]) => ms);
      expect(average.at(now)).toBeGreaterThanOrEqual(Math.min(...times) - 1e-9);
      expect(average.at(now)).toBeLessThanOrEqual(Math.max(...times));
    }),
  );
});
