import { expect, test } from 'vitest';
import { SmoothedLatency } from '../../lib/core/latency.js';

function latencyOf(...rtts: number[]): number | undefined {
  const latency = new SmoothedLatency();
  for (const rtt of rtts) latency.observe(rtt);
  return latency.ms;
}

test('before the first PONG the latency is unknown, not zero', () => {
  expect(latencyOf()).toBeUndefined();
});

test('the first round trip is the latency', () => {
  expect(latencyOf(80)).toBe(80);
  expect(latencyOf(0)).toBe(0);
});

test('each further round trip moves it by an eighth of the difference', () => {
  expect(latencyOf(80, 160)).toBe(90);
  expect(latencyOf(80, 0)).toBe(70);
  expect(latencyOf(0, 80)).toBe(10);
  expect(latencyOf(80, 160, 10)).toBe(80);
});

test('it converges to constant round trips', () => {
  expect(latencyOf(1000, ...Array<number>(100).fill(5))).toBeCloseTo(5, 2);
});
