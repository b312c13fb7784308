import type { Counts, Latency } from '../load/tally.js';
import { rounded } from './format.js';
import type { Metric } from './metric.js';

const MEGABYTE = 1e6;
const MICROSECOND = 1e-6;
const NS_PER_MS = 1e6;

export const callsPerSecond = rate('callsPerSecond', 'calls/s', ({ operations }) => operations);
export const valuesPerSecond = rate('valuesPerSecond', 'values/s', ({ values }) => values);
export const eventsPerSecond = rate('eventsPerSecond', 'events/s', ({ values }) => values);
export const megabytesPerSecond = rate(
  'megabytesPerSecond',
  'MB/s both ways',
  ({ bytes }) => bytes / MEGABYTE,
);

export const p50 = latency('p50Ms', 'p50 ms', 'p50');
export const p99 = latency('p99Ms', 'p99 ms', 'p99');
export const p999 = latency('p999Ms', 'p99.9 ms', 'p999');

export const clientCpuPerCall = clientCpuPer('Call', ({ operations }) => operations);
export const serverCpuPerCall = serverCpuPer('Call', ({ operations }) => operations);
export const clientCpuPerValue = clientCpuPer('Value', ({ values }) => values);
export const serverCpuPerValue = serverCpuPer('Value', ({ values }) => values);
export const clientCpuPerEvent = clientCpuPer('Event', ({ values }) => values);
export const serverCpuPerEvent = serverCpuPer('Event', ({ values }) => values);

export const clientPeakRss = cost('clientPeakRssMb', 'client MB, peak', ({ client }) =>
  scaled(client.peakRss, 1 / MEGABYTE),
);
export const clientRestRss = cost('clientRestRssMb', 'client MB, after', ({ restRss }) =>
  scaled(restRss.client, 1 / MEGABYTE),
);
export const serverPeakRss = cost('serverPeakRssMb', 'server MB, peak', ({ servers }) =>
  scaled(total(servers.map(({ peakRss }) => peakRss)), 1 / MEGABYTE),
);
export const serverRestRss = cost('serverRestRssMb', 'server MB, after', ({ restRss }) =>
  scaled(total(restRss.servers), 1 / MEGABYTE),
);

export const clientCpuShare = cost('clientCpuPercent', 'client CPU, % of a core', ({ client }) =>
  scaled(client.cpuMicros, (100 * MICROSECOND) / client.seconds),
);
export const serverCpuShare = cost('serverCpuPercent', 'servers CPU, % of a core', ({ servers }) =>
  scaled(total(servers.map(({ cpuMicros, seconds }) => cpuMicros / seconds)), 100 * MICROSECOND),
);
export const wireRate = cost('bytesPerSecondPerServer', 'bytes/s per server', ({ wire }) =>
  scaled(wire?.bytes, 1 / (wire?.seconds ?? 0)),
);

type Part = (counts: Counts) => number;

function rate(key: string, heading: string, part: Part): Metric {
  return {
    key,
    heading,
    isMoreBetter: true,
    of: ({ counts, client }) => part(counts) / client.seconds,
    format: rounded,
  };
}

function cost(key: string, heading: string, of: Metric['of']): Metric {
  return { key, heading, isMoreBetter: false, of, format: rounded };
}

function latency(key: string, heading: string, percentile: keyof Latency): Metric {
  return cost(key, heading, ({ counts }) => scaled(counts.latency?.[percentile], 1 / NS_PER_MS));
}

function clientCpuPer(what: string, part: Part): Metric {
  return cost(
    `clientCpuMicrosPer${what}`,
    `client CPU µs/${what.toLowerCase()}`,
    ({ counts, client }) => client.cpuMicros / part(counts),
  );
}

/** By rates, since the processes do not count over quite the same time. */
function serverCpuPer(what: string, part: Part): Metric {
  return cost(
    `serverCpuMicrosPer${what}`,
    `server CPU µs/${what.toLowerCase()}`,
    ({ counts, client, servers }) =>
      scaled(
        total(servers.map(({ cpuMicros, seconds }) => cpuMicros / seconds)),
        client.seconds / part(counts),
      ),
  );
}

/** `undefined` of no values: a subject that is one process has no server. */
function total(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}
