import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RoundTrips } from '../../../lib/cli/ping/round-trips.js';
import { fixSeed } from '../../support/fix-seed.js';

fixSeed(716);

test('round trips are summed up as ping(8) does', () => {
  const trips = new RoundTrips();
  expect(trips.summary()).toBeUndefined();
  for (const ms of [2, 4, 4, 4, 5, 5, 7, 9]) trips.add(ms);
  expect(trips.summary()).toEqual({ minMs: 2, avgMs: 5, maxMs: 9, stddevMs: 2 });
});

test('the deviation is that of the two-pass formula', () => {
  const times = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(times, (all) => {
      const trips = new RoundTrips();
      for (const ms of all) trips.add(ms);
      const mean = all.reduce((sum, ms) => sum + ms, 0) / all.length;
      const variance = all.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / all.length;
      const summary = trips.summary();
      expect(summary?.avgMs).toBeCloseTo(mean, 6);
      expect(summary?.stddevMs).toBeCloseTo(Math.sqrt(variance), 6);
    }),
  );
});
