import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CallMeter } from '../../lib/agents/call-meter.js';
import {
  type Counters,
  countersOf,
  flowBetween,
  knownOverMs,
  NO_COUNTERS,
  NO_FLOW,
  quantileOf,
  ratesOf,
  sumOf,
} from '../../lib/fleet/rates.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(16);

/** Calls as one meter counts them: how long each took, and whether it failed. */
const calls = fc.array(
  fc.record({ ms: fc.double({ min: 0, max: 20_000, noNaN: true }), fails: fc.boolean() }),
  { maxLength: 60 },
);

const anyCounters: fc.Arbitrary<Counters> = fc.record({
  calls: fc.nat(),
  errors: fc.nat(),
  measured: fc.nat(),
  buckets: fc.array(fc.record({ leMs: fc.nat(), count: fc.nat() }), { maxLength: 5 }),
});

function count(meter: CallMeter, made: readonly { ms: number; fails: boolean }[]): Counters {
  for (const { ms, fails } of made) {
    meter.began();
    if (fails) meter.failed('HANDLER', ms);
    else meter.answered(ms);
  }
  return countersOf(meter.stats());
}

describe('rates between two readings', () => {
  test('are how many were counted in between, by the time in between', () => {
    fc.assert(
      fc.property(calls, calls, fc.integer({ min: 1, max: 100_000 }), (before, after, ms) => {
        const meter = new CallMeter();
        const flow = flowBetween(count(meter, before), count(meter, after), ms);
        const failed = after.filter(({ fails }) => fails).length;
        expect(flow.callsPerSecond).toBeCloseTo((after.length * 1000) / ms, 9);
        expect(flow.errorsPerSecond).toBeCloseTo((failed * 1000) / ms, 9);
        expect(flow.measured).toBe(after.length);
        expect(knownOverMs(flow)).toBe(ms);
      }),
    );
  });

  test('have the quantiles of what came in between, whatever came before', () => {
    fc.assert(
      fc.property(calls, calls, (before, after) => {
        const meter = new CallMeter();
        const flow = flowBetween(count(meter, before), count(meter, after), 1000);
        const alone = flowBetween(NO_COUNTERS, count(new CallMeter(), after), 1000);
        expect(ratesOf(flow)).toEqual(ratesOf(alone));
      }),
    );
  });

  test('are never negative, nor anything but numbers, whatever the counters say', () => {
    fc.assert(
      fc.property(anyCounters, anyCounters, fc.integer(), (before, after, ms) => {
        const { callsPerSecond, errorsPerSecond, ...quantiles } = ratesOf(
          flowBetween(before, after, ms),
        );
        for (const rate of [callsPerSecond, errorsPerSecond]) {
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThan(Infinity);
        }
        for (const quantile of Object.values(quantiles))
          expect(quantile ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test.each(['calls', 'errors', 'measured'] as const)(
    'are none if the counter of %s has fallen, though others have grown: the server was restarted',
    (fallen) => {
      const before = { calls: 10, errors: 10, measured: 10, buckets: [] };
      const after = { calls: 12, errors: 12, measured: 12, buckets: [], [fallen]: 9 };
      expect(flowBetween(before, after, 1000)).toBe(NO_FLOW);
      expect(knownOverMs(NO_FLOW)).toBeUndefined();
    },
  );
});

describe('rates of several servers together', () => {
  test('are the sum of their rates, with the quantiles of all calls', () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 4 }), (servers) => {
        const flows = servers.map((made) =>
          flowBetween(NO_COUNTERS, count(new CallMeter(), made), 500),
        );
        const together = flowBetween(NO_COUNTERS, count(new CallMeter(), servers.flat()), 500);
        const sum = sumOf(flows);
        expect(sum.callsPerSecond).toBeCloseTo(together.callsPerSecond, 9);
        expect(sum.errorsPerSecond).toBeCloseTo(together.errorsPerSecond, 9);
        const { p50Ms, p90Ms, p99Ms } = ratesOf(together);
        expect(ratesOf(sum)).toMatchObject({ p50Ms, p90Ms, p99Ms });
      }),
    );
  });

  test('have quantiles at the bounds that all of them have', () => {
    const fine = {
      ...NO_FLOW,
      measured: 4,
      buckets: [
        { leMs: 1, count: 2 },
        { leMs: 2, count: 4 },
      ],
    };
    const coarse = { ...NO_FLOW, measured: 4, buckets: [{ leMs: 2, count: 4 }] };
    expect(sumOf([fine, coarse]).buckets).toEqual([{ leMs: 2, count: 8 }]);
  });
});

describe('a quantile of buckets', () => {
  const buckets = [
    { leMs: 10, count: 0 },
    { leMs: 20, count: 8 },
    { leMs: 40, count: 10 },
  ];

  test('is interpolated within its bucket', () => {
    expect(quantileOf({ measured: 10, buckets }, 0.4)).toBe(15);
    expect(quantileOf({ measured: 10, buckets }, 0.9)).toBe(30);
  });

  test('is the last bound if it is beyond it', () => {
    expect(quantileOf({ measured: 100, buckets }, 0.99)).toBe(40);
  });

  test('is unknown if nothing was measured', () => {
    expect(quantileOf(NO_FLOW, 0.5)).toBeUndefined();
  });

  test('lies in the bucket that has the true one', () => {
    fc.assert(
      fc.property(
        calls.filter((made) => made.length > 0),
        (made) => {
          const { measured, buckets: counted } = count(new CallMeter(), made);
          const sorted = made.map(({ ms }) => ms).toSorted((one, other) => one - other);
          const truth = sorted[Math.max(Math.ceil(0.9 * sorted.length), 1) - 1] ?? 0;
          const last = counted.at(-1)?.leMs ?? 0;
          const bounds = [0, ...counted.map(({ leMs }) => leMs)];
          const estimate = quantileOf({ measured, buckets: counted }, 0.9) ?? -1;
          // Values close to a bound may be counted in the next bucket: 1/64 of the value, and half a microsecond.
          const slack = (ms: number) => ms / 64 + 0.001;
          const upper = bounds.find((bound) => bound >= truth - slack(truth)) ?? last;
          const lower =
            bounds.findLast((bound) => bound <= Math.min(truth + slack(truth), last)) ?? 0;
          expect(estimate).toBeGreaterThanOrEqual(Math.min(lower, upper) - slack(upper));
          const top = bounds.find((bound) => bound >= truth + slack(truth)) ?? last;
          expect(estimate).toBeLessThanOrEqual(top);
        },
      ),
    );
  });
});
