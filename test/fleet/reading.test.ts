import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CallMeter } from '../../lib/agents/call-meter.js';
import { noServerStats } from '../../lib/agents/server/server-stats.js';
import { activityBetween } from '../../lib/fleet/activity.js';
import { ratesOf, sumOf } from '../../lib/fleet/rates.js';
import { isSameRun, OTHER_PATTERNS, type Reading, readReading } from '../../lib/fleet/reading.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(17);

function metered(answered: number, failed = 0) {
  const meter = new CallMeter<'HANDLER'>();
  for (let call = 0; call < answered + failed; call++) {
    meter.began();
    if (call < failed) meter.failed('HANDLER', 1);
    else meter.answered(1);
  }
  return meter.stats();
}

function answer(stats: object, rest: object = {}) {
  const own = { ...noServerStats(), ...stats };
  return { id: 'server-1', at: 50_000, uptimeMs: 20_000, state: 'ready', stats: own, ...rest };
}

describe('a reading', () => {
  test('has what the server says, without the question itself', () => {
    const reading = readReading(
      answer({
        ...metered(7, 3),
        running: 3,
        queued: 5,
        clients: 4,
        refused: { busy: 3, draining: 1 },
        patterns: { sum: metered(7, 3) },
      }),
    );
    expect(reading).toMatchObject({
      id: 'server-1',
      startedAt: 30_000,
      total: { calls: 10, errors: 3, measured: 10 },
      running: 2,
      queued: 5,
      clients: 4,
      refused: 4,
    });
    expect(reading?.patterns.get('sum')).toMatchObject({ calls: 10, errors: 3 });
  });

  test('names the patterns beyond the first 200 together', () => {
    const reading = readReading(answer({ ...metered(3), otherPatterns: metered(3) }));
    expect(reading?.patterns.get(OTHER_PATTERNS)?.calls).toBe(3);
  });

  test('is none of an answer that has no statistics', () => {
    for (const value of [undefined, null, 'pong', 3, [], {}, { stats: null }, { stats: 'none' }])
      expect(readReading(value)).toBeUndefined();
  });

  test('is finite, not negative and bounded, whatever a peer answers', () => {
    const patterns = fc.dictionary(fc.string(), fc.anything());
    const stats = fc.record({ calls: fc.anything(), patterns, latency: fc.anything() });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ id: fc.anything(), stats })), (value) => {
        const reading = readReading(value);
        if (!reading) return;
        const { total, running, queued, clients, uptimeMs } = reading;
        for (const number of [total.calls, total.measured, running, queued, clients, uptimeMs]) {
          expect(number).toBeGreaterThanOrEqual(0);
          expect(number).toBeLessThan(Infinity);
        }
      }),
    );
    const long = 'x'.repeat(10_000);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`${n}${long}`, {}]));
    const reading = readReading(answer({ patterns: many }, { id: long }));
    expect(reading?.patterns.size).toBe(200);
    expect(reading?.id?.length).toBeLessThan(600);
    for (const name of reading?.patterns.keys() ?? []) expect(name.length).toBeLessThan(600);
  });
});

describe('two readings', () => {
  test('have finite rates, together with those of other servers, whatever a peer answers', () => {
    const most = Number.MAX_VALUE;
    const counts = (calls: number) => ({
      calls,
      errors: { HANDLER: calls, INTERNAL: calls },
      pending: calls,
      latency: { count: calls, buckets: [{ leMs: most, count: calls }] },
    });
    const told = (calls: number, uptimeMs: number) =>
      readReading(
        answer(
          { ...counts(calls), patterns: { sum: counts(calls) }, callers: { shop: counts(calls) } },
          { uptimeMs },
        ),
      ) as Reading;
    fc.assert(
      fc.property(
        fc.double({ min: 0, noNaN: true }),
        fc.double({ min: 0, noNaN: true }),
        (one, other) => {
          const [before, after] = [told(0, one), told(most, other)];
          const activity = activityBetween(before, after, after.uptimeMs - before.uptimeMs);
          const flows = [activity.flow, ...activity.patterns.map(({ flow }) => flow)];
          const numbers = [
            ...Object.values(ratesOf(sumOf(flows))),
            ...Object.values(activity.callers[0] ?? {}),
          ];
          for (const number of numbers.filter((each) => typeof each === 'number'))
            expect(number).toBeLessThan(Infinity);
        },
      ),
      {
        examples: [
          [0, Number.MIN_VALUE],
          [0, 1],
          [20_000, 21_000],
        ],
      },
    );
  });

  const reading = (uptimeMs: number, at: number, id = 'one') =>
    readReading(answer({}, { id, at, uptimeMs })) as Reading;

  test('are of one run of the server, although its clock drifts', () => {
    expect(isSameRun(reading(1000, 50_000), reading(2000, 51_003))).toBe(true);
  });

  test('are of two if it was restarted in between, however long each has run', () => {
    expect(isSameRun(reading(9000, 50_000), reading(200, 51_000))).toBe(false);
    expect(isSameRun(reading(300, 50_000), reading(400, 51_000))).toBe(false);
  });

  test('are of two if another server is at the address', () => {
    expect(isSameRun(reading(1000, 50_000), reading(2000, 51_000, 'other'))).toBe(false);
  });
});
