import { describe, expect, test } from 'vitest';
import { CallMeter } from '../../lib/agents/call-meter.js';

/** Has seen one call of each kind end, and one that has not. */
function busy() {
  const meter = new CallMeter();
  for (let calls = 0; calls < 6; calls++) meter.began();
  meter.answered(10);
  meter.failed('TIMEOUT', 30);
  meter.failed('TIMEOUT', 50);
  meter.cancelled();
  meter.refused();
  return meter;
}

test('each call ends once, in one of the ways', () => {
  expect(busy().stats()).toMatchObject({
    calls: 6,
    pending: 1,
    errors: { TIMEOUT: 2 },
    cancelled: 1,
    latency: { count: 3, sumMs: 90, maxMs: 50 },
  });
});

test('the sum of two has counted what both have', () => {
  const sum = new CallMeter();
  sum.add(busy());
  const other = new CallMeter();
  other.began();
  other.failed('LOST', 1);
  sum.add(other);
  expect(sum.stats()).toMatchObject({
    calls: 7,
    pending: 1,
    errors: { TIMEOUT: 2, LOST: 1 },
    cancelled: 1,
    latency: { count: 4, sumMs: 91, maxMs: 50 },
  });
});

describe('latency', () => {
  const latencyOf = (...ms: number[]) => {
    const meter = new CallMeter();
    for (const each of ms) {
      meter.began();
      meter.answered(each);
    }
    return meter.stats().latency;
  };

  test('has quantiles of the calls that were measured, and none of no calls', () => {
    const hundred = latencyOf(...Array.from({ length: 100 }, (_, n) => n + 1));
    for (const [name, exact] of [
      ['p50Ms', 50],
      ['p90Ms', 90],
      ['p99Ms', 99],
    ] as const) {
      expect(Math.abs((hundred[name] ?? NaN) - exact)).toBeLessThanOrEqual(exact / 64);
    }
    expect(hundred.maxMs).toBe(100);
    expect(latencyOf()).toMatchObject({ count: 0, sumMs: 0, p50Ms: undefined, maxMs: undefined });
  });

  test('has cumulative buckets, of which the last leaves out what is slower than 10 s', () => {
    const { buckets, count } = latencyOf(0.1, 0.3, 4, 4, 20_000);
    expect(count).toBe(5);
    const upTo = (leMs: number) => buckets.find((bucket) => bucket.leMs === leMs)?.count;
    expect([0.25, 0.5, 2.5, 5, 10_000].map(upTo)).toEqual([1, 2, 2, 4, 4]);
  });
});
