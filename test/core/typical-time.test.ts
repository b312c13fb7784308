import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TypicalTime } from '../../lib/core/typical-time.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(61);

/** The typical time of these response times, each `[ms, at]`. */
function observed(...observations: [number, number][]): TypicalTime {
  const typical = new TypicalTime();
  for (const [ms, at] of observations) typical.observe(ms, at, undefined);
  return typical;
}

const steady = (ms: number, count = 20): [number, number][] =>
  Array.from({ length: count }, () => [ms, 0]);

test('before the first response it is unknown, not zero', () => {
  expect(observed().at(1000)).toBeUndefined();
  expect(observed().ms).toBeUndefined();
});

test('the first response is typical, if no peers are known', () => {
  expect(observed([40, 1000]).at(1000)).toBeCloseTo(40);
});

test('the first response moves a new server away from its peers by an eighth, in factors', () => {
  const typical = new TypicalTime();
  typical.observe(256, 0, 1);
  expect(typical.at(0)).toBeCloseTo(2);
  typical.observe(2, 0, 1000);
  expect(typical.at(0)).toBeCloseTo(2);
});

test('a single answer that takes 256 times as long doubles it', () => {
  expect(observed(...steady(1), [256, 0]).at(0)).toBeCloseTo(2);
});

test('a server that stays ten times as slow has doubled it after three answers, and is known as such after thirty', () => {
  expect(observed(...steady(1), ...steady(10, 3)).at(0)).toBeGreaterThan(2);
  expect(observed(...steady(1), ...steady(10, 30)).at(0)).toBeGreaterThan(9);
  expect(observed(...steady(10), ...steady(1, 30)).at(0)).toBeLessThan(1.1);
});

test('of responses that vary by factors it is close to the median', () => {
  const typical = observed(
    ...Array.from({ length: 50 }, () => steady(1, 1).concat(steady(100, 1))).flat(),
  );
  expect(typical.at(0)).toBeGreaterThan(5);
  expect(typical.at(0)).toBeLessThan(20);
});

test('it decays while nothing is observed, and the latest response keeps what it was', () => {
  const typical = observed([500, 0]);
  expect(typical.at(10_000)).toBeCloseTo(500 / Math.E);
  expect(typical.ms).toBeCloseTo(500);
});

test('after a long pause a response counts for more than an eighth', () => {
  expect(observed([500, 0], [1, 60_000]).at(60_000)).toBeLessThan(1.1);
});

test('times too short to measure are equal, and peers that were idle for hours are no prior of zero', () => {
  expect(observed([0, 0]).at(0)).toBe(observed([0.05, 0]).at(0));
  const typical = new TypicalTime();
  typical.observe(5, 0, 0);
  expect(typical.at(0)).toBeGreaterThan(0);
});

test('a time before the latest response does not inflate it', () => {
  expect(observed([500, 10_000]).at(0)).toBeCloseTo(500);
});

test('it stays within the observed range', () => {
  const responses = fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.nat(60_000)), {
    minLength: 1,
  });
  fc.assert(
    fc.property(responses, (seen) => {
      const typical = new TypicalTime();
      let now = 0;
      for (const [ms, pause] of seen) {
        now += pause;
        typical.observe(ms, now, undefined);
      }
      const times = seen.map(([ms]) => ms);
      expect(typical.at(now)).toBeGreaterThanOrEqual(Math.min(...times) * (1 - 1e-9));
      expect(typical.at(now)).toBeLessThanOrEqual(Math.max(...times) * (1 + 1e-9));
    }),
  );
});
