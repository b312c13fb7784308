import { describe, expect, test } from 'vitest';
import { SpareCapacity, spareOf, spillover } from '../../lib/core/spillover.js';

describe('spillover', () => {
  test.each([
    [
      [1, 1],
      [1, 0],
    ],
    [
      [0.7, 1],
      [0.7, 0.3],
    ],
    [
      [0.7, 0.1],
      [0.875, 0.125],
    ],
    [
      [0, 0.2],
      [0, 1],
    ],
    [
      [0.5, 0.25, 1],
      [0.5, 0.25, 0.25],
    ],
    [
      [0, 0],
      [0, 0],
    ],
    [[], []],
  ])('of %j is %j', (health, shares) => {
    const got = spillover(health);
    expect(got).toHaveLength(shares.length);
    got.forEach((share, index) => expect(share).toBeCloseTo(shares[index] ?? NaN, 9));
  });
});

test('one rank alone gets all, not a little more than all by rounding', () => {
  for (const health of [1, 0.9, 0.7, 0.63, 0.35, 0.1])
    expect(spillover([health, 0])).toEqual([1, 0]);
});

describe('spare capacity', () => {
  test.each([
    [0, 1],
    [0.7, 1],
    [1 / 1.4, 1],
    [0.9, 0.35],
    [1, 0],
  ])('at a load of %d is %d', (load, spare) => expect(spareOf(load)).toBeCloseTo(spare, 9));

  test('is what the first reports say, and then follows them slowly', () => {
    const spare = new SpareCapacity();
    expect(spare.at(1, 0)).toBe(0);
    expect(spare.at(0, 0)).toBe(0);
    expect(spare.at(0, 10_000)).toBeCloseTo(1 - 1 / Math.E, 9);
    expect(spare.at(0, 120_000)).toBeCloseTo(1, 4);
  });

  // A zone whose calls are `demand` times what it can take; its load is reported half a second late.
  test.each([0.5, 1, 2, 5])('with a demand of %d, calls do not swing between zones', (demand) => {
    const spare = new SpareCapacity();
    const shares: number[] = [];
    for (let now = 0; now < 120_000; now += 100) {
      const before = shares.at(-5) ?? 1;
      shares.push(spare.at(Math.min(demand * before, 1), now));
    }
    const late = shares.slice(-300);
    expect(Math.max(...late) - Math.min(...late)).toBeLessThan(0.02);
    // And the zone is well used.
    expect(Math.min(demand, 0.7)).toBeLessThanOrEqual(demand * (late.at(-1) ?? 0) + 0.01);
  });
});
