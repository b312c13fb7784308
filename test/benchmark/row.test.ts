import { expect, test } from 'vitest';
import { valuesOf } from '../../benchmark/src/report/row.js';
import type { Reading } from '../../benchmark/src/run/reading.js';
import { calls } from '../../benchmark/src/scenarios/calls.js';
import { crowd } from '../../benchmark/src/scenarios/crowd.js';
import { idle } from '../../benchmark/src/scenarios/idle.js';

const reading: Reading = {
  counts: {
    operations: 1000,
    values: 1000,
    bytes: 200_000,
    latency: { p50: 1e6, p99: 2e6, p999: 3e6 },
  },
  client: { seconds: 2, cpuMicros: 40_000, peakRss: 90e6 },
  servers: [
    { seconds: 2, cpuMicros: 10_000, peakRss: 60e6 },
    { seconds: 4, cpuMicros: 20_000, peakRss: 40e6 },
  ],
  restRss: { client: 80e6, servers: [50e6, 30e6] },
  wire: { bytes: 600, seconds: 3 },
  crowd: {
    clients: 1000,
    before: { live: 20e6, rss: 60e6 },
    after: { live: 30e6, rss: 65e6 },
  },
};

test('rates are per second, costs per call, and several server processes count as one', () => {
  expect(valuesOf(calls, reading)).toEqual({
    callsPerSecond: 500,
    p50Ms: 1,
    p99Ms: 2,
    p999Ms: 3,
    clientCpuMicrosPerCall: 40,
    serverCpuMicrosPerCall: 20,
    clientPeakRssMb: 90,
    clientRestRssMb: 80,
    serverPeakRssMb: 100,
    serverRestRssMb: 80,
  });
});

test('a subject in one process has no server metrics', () => {
  const alone = { ...reading, servers: [], restRss: { client: 80e6, servers: [] } };
  expect(Object.keys(valuesOf(calls, alone))).toEqual([
    'callsPerSecond',
    'p50Ms',
    'p99Ms',
    'p999Ms',
    'clientCpuMicrosPerCall',
    'clientPeakRssMb',
    'clientRestRssMb',
  ]);
});

test('idle CPU is a share of one core, and traffic is in bytes', () => {
  expect(valuesOf(idle, reading)).toMatchObject({
    clientCpuPercent: 2,
    serverCpuPercent: 1,
    bytesPerSecondPerServer: 200,
  });
});

test('memory of a crowd is reported per client', () => {
  expect(valuesOf(crowd, reading)).toEqual({
    serverKbPerClient: 10,
    serverRssKbPerClient: 5,
    serverCpuPercent: 1,
  });
});

test('a reading without measurements is an error', () => {
  const nothing = { ...reading, counts: { ...reading.counts, operations: 0 } };
  expect(() => valuesOf(calls, nothing)).toThrow('nothing was measured: callsPerSecond is 0');
});
