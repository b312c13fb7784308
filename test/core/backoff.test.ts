import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffDelay } from '../../lib/core/backoff.js';
import { seededRandom } from '../support/random.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(11);

const backoff = { initial: 100, max: 10_000 };

test.each([
  [0, 100],
  [1, 200],
  [2, 400],
  [6, 6400],
  [7, 10_000],
  [50, 10_000],
  [5000, 10_000],
])('after %d failures the ceiling is %d ms', (failures, ceiling) => {
  expect(backoffDelay(backoff, failures, () => 1)).toBe(ceiling);
});

test('delays are uniform from zero to the ceiling', () => {
  expect(backoffDelay(backoff, 3, () => 0)).toBe(0);
  expect(backoffDelay(backoff, 3, () => 0.25)).toBe(200);
  expect(backoffDelay(backoff, 3, () => 0.5)).toBe(400);
});

test('peers that failed together do not return together', () => {
  const random = seededRandom(1);
  const delays = Array.from({ length: 100 }, () => backoffDelay(backoff, 4, random));
  expect(new Set(delays).size).toBe(100);
  expect(Math.min(...delays)).toBeLessThan(160);
  expect(Math.max(...delays)).toBeGreaterThan(1440);
});

test('an initial ceiling above the maximum is reduced to it', () => {
  expect(backoffDelay({ initial: 500, max: 200 }, 0, () => 1)).toBe(200);
});

test('a delay is never negative, infinite or above the maximum', () => {
  const positive = fc.integer({ min: 1, max: 1e6 });
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(positive, positive, fc.nat(), chance, (initial, max, failures, drawn) => {
      const delay = backoffDelay({ initial, max }, failures, () => drawn);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(max);
    }),
  );
});
