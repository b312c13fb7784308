import type { Counts, Latency } from '../load/tally.js';
import type { Memory } from '../processes/memory.js';
import type { Metric } from './metric.js';

const MEGABYTE = 1e6;
const KILOBYTE = 1e3;
const MICROS_PER_PERCENT = 1e4;
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

export const clientPeakRss: Metric = {
  key: 'clientPeakRssMb',
  heading: 'client MB, peak',
  of: ({ client }) => client.peakRss / MEGABYTE,
};

export const clientRestRss: Metric = {
  key: 'clientRestRssMb',
  heading: 'client MB, after',
  of: ({ restRss }) => restRss.client / MEGABYTE,
};

export const serverPeakRss: Metric = {
  key: 'serverPeakRssMb',
  heading: 'server MB, peak',
  of: ({ servers }) => over(total(servers.map(({ peakRss }) => peakRss)), MEGABYTE),
};

export const serverRestRss: Metric = {
  key: 'serverRestRssMb',
  heading: 'server MB, after',
  of: ({ restRss }) => over(total(restRss.servers), MEGABYTE),
};

export const clientCpuShare: Metric = {
  key: 'clientCpuPercent',
  heading: 'client CPU, % of a core',
  of: ({ client }) => client.cpuMicros / client.seconds / MICROS_PER_PERCENT,
};

export const serverCpuShare: Metric = {
  key: 'serverCpuPercent',
  heading: 'servers CPU, % of a core',
  of: ({ servers }) =>
    over(total(servers.map(({ cpuMicros, seconds }) => cpuMicros / seconds)), MICROS_PER_PERCENT),
};

export const serverMemoryPerClient = serverPerClient(
  'serverKbPerClient',
  'server KB/client',
  'live',
);

export const serverRssPerClient = serverPerClient('serverRssKbPerClient', 'with empty heap', 'rss');

export const wireRate: Metric = {
  key: 'bytesPerSecondPerServer',
  heading: 'bytes/s per server',
  of: ({ wire }) => wire && wire.bytes / wire.seconds,
};

type Part = (counts: Counts) => number;

function rate(key: string, heading: string, part: Part): Metric {
  return { key, heading, of: ({ counts, client }) => part(counts) / client.seconds };
}

function latency(key: string, heading: string, percentile: keyof Latency): Metric {
  return { key, heading, of: ({ counts }) => over(counts.latency?.[percentile], NS_PER_MS) };
}

function clientCpuPer(what: string, part: Part): Metric {
  return {
    key: `clientCpuMicrosPer${what}`,
    heading: `client CPU µs/${what.toLowerCase()}`,
    of: ({ counts, client }) => client.cpuMicros / part(counts),
  };
}

function serverPerClient(key: string, heading: string, part: keyof Memory): Metric {
  return {
    key,
    heading,
    of: ({ crowd }) => crowd && (crowd.after[part] - crowd.before[part]) / crowd.clients / KILOBYTE,
  };
}

/** A quotient of rates, since the processes do not count over exactly the same time. */
function serverCpuPer(what: string, part: Part): Metric {
  return {
    key: `serverCpuMicrosPer${what}`,
    heading: `server CPU µs/${what.toLowerCase()}`,
    of: ({ counts, client, servers }) =>
      over(
        total(servers.map(({ cpuMicros, seconds }) => cpuMicros / seconds)),
        part(counts) / client.seconds,
      ),
  };
}

/** `undefined` of no values: a subject that is one process has no server. */
function total(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

function over(value: number | undefined, divisor: number): number | undefined {
  return value === undefined ? undefined : value / divisor;
}
