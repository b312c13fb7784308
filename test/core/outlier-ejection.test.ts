import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Outcomes, restAfter } from '../../lib/core/outlier-ejection.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(31);

function outcomes({ failures = 0, successes = 0, at = 0 }): Outcomes {
  const all = new Outcomes();
  for (let n = 0; n < successes; n++) all.succeeded(at);
  for (let n = 0; n < failures; n++) all.failed(at);
  return all;
}

const well = outcomes({ successes: 50 });

describe('an outlier', () => {
  test('fails by more than 50 points more of its calls than its peers', () => {
    const half = outcomes({ failures: 20, successes: 20 });
    expect(half.isOutlierAmong([well], 0, false)).toBe(false);
    half.failed(0);
    expect(half.isOutlierAmong([well], 0, false)).toBe(true);
    const alsoFails = outcomes({ failures: 5, successes: 45 });
    expect(half.isOutlierAmong([alsoFails], 0, false)).toBe(false);
  });

  test('has failed over at least 20 calls, or its trial', () => {
    const few = outcomes({ failures: 19 });
    expect(few.isOutlierAmong([well], 0, false)).toBe(false);
    expect(outcomes({ failures: 1 }).isOutlierAmong([well], 0, true)).toBe(true);
    few.failed(0);
    expect(few.isOutlierAmong([well], 0, false)).toBe(true);
  });

  test('is measured by all its peers together: of two, by the other one', () => {
    const all = outcomes({ failures: 40 });
    expect(all.isOutlierAmong([outcomes({ failures: 40 })], 0, false)).toBe(false);
    expect(all.isOutlierAmong([outcomes({ failures: 40 }), well], 0, false)).toBe(true);
    expect(all.isOutlierAmong([outcomes({ failures: 60 }), well], 0, false)).toBe(false);
  });

  test('can be one whose peers have had no calls', () => {
    expect(outcomes({ failures: 20 }).isOutlierAmong([new Outcomes()], 0, false)).toBe(true);
  });

  test('that begins to fail is found within 70 calls, however many went well', () => {
    const server = outcomes({ successes: 100_000 });
    for (let n = 0; n < 60; n++) server.failed(0);
    expect(server.isOutlierAmong([well], 0, false)).toBe(false);
    for (let n = 0; n < 10; n++) server.failed(0);
    expect(server.isOutlierAmong([well], 0, false)).toBe(true);
  });

  test('is one for what it failed ten seconds ago, and once more, whatever the time of day', () => {
    const server = outcomes({ failures: 40 });
    expect(server.isOutlierAmong([well], 10_000, false)).toBe(true);
    const later = outcomes({ failures: 30, at: 1e9 });
    expect(later.isOutlierAmong([well], 1e9, false)).toBe(true);
  });

  test('is none that had no calls, not even on trial', () => {
    expect(new Outcomes().isOutlierAmong([new Outcomes()], 0, true)).toBe(false);
  });

  test('is none for what it failed minutes ago', () => {
    const server = outcomes({ failures: 100 });
    expect(server.isOutlierAmong([well], 180_000, false)).toBe(false);
  });

  test('is none, whatever happened, if its peers fail as often', () => {
    const history = fc.array(fc.tuple(fc.boolean(), fc.nat(2000)), { maxLength: 300 });
    fc.assert(
      fc.property(history, (calls) => {
        const [one, other] = [new Outcomes(), new Outcomes()];
        let now = 0;
        for (const [failed, pause] of calls) {
          now += pause;
          for (const server of [one, other]) server[failed ? 'failed' : 'succeeded'](now);
        }
        expect(one.isOutlierAmong([other], now, false)).toBe(false);
      }),
    );
  });
});

describe('the rest', () => {
  test('is as many times the first as the server was ejected, and no more than five minutes', () => {
    expect([1, 2, 5].map((times) => restAfter(times, 3000))).toEqual([3000, 6000, 15_000]);
    expect(restAfter(1000, 3000)).toBe(300_000);
    expect(restAfter(3, 400_000)).toBe(400_000);
  });

  test('is forgiven by one for every ten seconds of use', () => {
    const server = new Outcomes();
    expect([server.ejected(0), server.ejected(50_000), server.ejected(90_000)]).toEqual([1, 2, 3]);
    server.startAnew(100_000);
    expect(server.ejected(121_000)).toBe(2);
    server.startAnew(130_000);
    expect(server.ejected(500_000)).toBe(1);
  });

  test('begins a new account', () => {
    const server = outcomes({ failures: 100 });
    server.startAnew(0);
    for (let n = 0; n < 19; n++) server.failed(0);
    expect(server.isOutlierAmong([well], 0, false)).toBe(false);
  });
});
