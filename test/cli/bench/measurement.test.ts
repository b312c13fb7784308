import { describe, expect, test } from 'vitest';
import { Measurement } from '../../../lib/cli/bench/measurement.js';
import { ANSWERED } from './manual-load.js';

const failed = (kind: string, message = kind) => ({ type: 'failed', kind, message }) as const;

describe('a measurement', () => {
  test('counts calls by when they were due, not by when they ended', () => {
    const measurement = new Measurement(100, 200);
    for (const [startedAt, endedAt] of [
      [99, 150],
      [100, 110],
      [199, 300],
      [200, 201],
    ] as const) {
      measurement.callBegun(startedAt);
      measurement.callEnded(startedAt, endedAt, ANSWERED);
    }
    expect(measurement).toMatchObject({ begun: 2, answered: 2, failed: 0 });
    expect(measurement.latency().maxMs).toBe(101);
    // Until the last of them ended.
    expect(measurement.elapsedMs(1000)).toBe(200);
    expect(measurement.perSecond(1000)).toBe(10);
  });

  test('keeps failures apart, by kind, with the words of the first', () => {
    const measurement = new Measurement(0, 100);
    measurement.callEnded(1, 2, failed('HANDLER', 'first\u001B[31m'));
    measurement.callEnded(1, 2, failed('HANDLER', 'second'));
    measurement.callEnded(1, 2, failed('ETIMEDOUT'));
    expect(measurement.failed).toBe(3);
    expect(measurement.errors.get('HANDLER')).toEqual({ count: 2, example: 'first\\u{1b}[31m' });
    expect(measurement.latency().maxMs).toBeUndefined();
  });

  test('keeps a bounded number of kinds', () => {
    const measurement = new Measurement(0, 100);
    for (let kind = 0; kind < 1000; kind++) measurement.callEnded(1, 2, failed(`KIND${kind}`));
    expect(measurement.failed).toBe(1000);
    expect(measurement.errors.size).toBeLessThanOrEqual(50);
  });

  test('has no quantile of fewer calls than it takes to tell', () => {
    const measurement = new Measurement(0, 1_000_000);
    for (let call = 0; call < 150; call++) measurement.callEnded(call, call + 5, ANSWERED);
    const { p50Ms, p99Ms, p999Ms } = measurement.latency();
    expect(p50Ms).toBeCloseTo(5, 0);
    expect(p99Ms).toBeCloseTo(5, 0);
    expect(p999Ms).toBeUndefined();
  });
});
