import type { Latency } from '../load/tally.js';
import { rounded } from './format.js';
import type { Metric } from './metric.js';

const MEGABYTE = 1e6;
const NS_PER_MS = 1e6;

export const callsPerSecond = gain(
  'callsPerSecond',
  'calls/s',
  ({ counts, client }) => counts.operations / client.seconds,
);

export const p50 = latency('p50Ms', 'p50 ms', 'p50');
export const p99 = latency('p99Ms', 'p99 ms', 'p99');
export const p999 = latency('p999Ms', 'p99.9 ms', 'p999');

export const clientCpuPerCall = cost(
  'clientCpuMicrosPerCall',
  'client CPU µs/call',
  ({ counts, client }) => client.cpuMicros / counts.operations,
);

/** By rates, since the processes do not count over quite the same time. */
export const serverCpuPerCall = cost(
  'serverCpuMicrosPerCall',
  'server CPU µs/call',
  ({ counts, client, servers }) =>
    scaled(
      total(servers.map(({ cpuMicros, seconds }) => cpuMicros / seconds)),
      client.seconds / counts.operations,
    ),
);

export const clientPeakRss = cost('clientPeakRssMb', 'client MB, peak', ({ client }) =>
  scaled(client.peakRss, 1 / MEGABYTE),
);

export const clientRestRss = cost('clientRestRssMb', 'client MB, after', ({ clientRestRss: rss }) =>
  scaled(rss, 1 / MEGABYTE),
);

export const serverPeakRss = cost('serverPeakRssMb', 'server MB, peak', ({ servers }) =>
  scaled(total(servers.map(({ peakRss }) => peakRss)), 1 / MEGABYTE),
);

export const serverRestRss = cost('serverRestRssMb', 'server MB, after', ({ serverRestRss: rss }) =>
  scaled(total(rss), 1 / MEGABYTE),
);

function gain(key: string, heading: string, of: Metric['of']): Metric {
  return { key, heading, isMoreBetter: true, of, format: rounded };
}

function cost(key: string, heading: string, of: Metric['of']): Metric {
  return { key, heading, isMoreBetter: false, of, format: rounded };
}

function latency(key: string, heading: string, percentile: keyof Latency): Metric {
  return cost(key, heading, ({ counts }) => scaled(counts.latency?.[percentile], 1 / NS_PER_MS));
}

/** `undefined` of no values: a subject that is one process has no server. */
function total(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}
