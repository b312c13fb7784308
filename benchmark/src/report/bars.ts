import type { SubjectName } from '../subjects/registry.js';
import type { Bar, Goals } from './bar.js';
import type { Metric } from './metric.js';
import {
  callsPerSecond,
  clientCpuShare,
  megabytesPerSecond,
  p50,
  p99,
  serverMemoryPerClient,
  valuesPerSecond,
} from './metrics.js';
import type { Place } from './series.js';

const least = (atLeast: number, aim: number): Goals => ({ bound: 'least', atLeast, aim });
const most = (atLeast: number, aim: number): Goals => ({ bound: 'most', atLeast, aim });

/** The targets of nestjs-freelance and, without goals, comparisons with others. */
export const BARS: readonly Bar[] = [
  callsAgainst('tcp', 1, p50, most(1, 0.9)),
  callsAgainst('tcp', 1, p99, most(1.3, 1)),
  callsAgainst('tcp', 16, callsPerSecond, least(1.7, 2.5)),
  callsAgainst('tcp', 128, callsPerSecond, least(2, 2.8)),
  callsAgainst('tcp', 1024, callsPerSecond, least(2.2, 3.2)),
  callsAgainst('tcp', 128, p99, most(0.4, 0.3)),
  callsAgainst('nats', 128, callsPerSecond, least(4.5, 6)),
  callsAgainst('redis', 128, callsPerSecond, least(4.5, 6)),
  payloadsAgainst('1 KB JSON', least(1.3, 1.8)),
  payloadsAgainst('64 KB JSON', least(1, 1.2)),
  payloadsAgainst('1 MB JSON', least(1, 1.2)),
  payloadsAgainst('64 KB bytes', least(14, 30)),
  payloadsAgainst('1 MB bytes', least(40, 60)),
  // Base64 is a faster way for bytes over Nest TCP than its own, if the application converts them.
  payloadsAgainst('64 KB bytes', undefined, '64 KB base64'),
  payloadsAgainst('1 MB bytes', undefined, '1 MB base64'),
  streamsAgainst('tcp', least(2, 3)),
  curveAgainstTls(1, least(0.9, 1)),
  curveAgainstTls(16, least(1.2, 1.6)),
  curveAgainstTls(128, least(1.4, 2)),
  curveAgainstTls(1024, least(1.5, 2)),
  {
    what: 'client CPU, of one core, 100 servers, nothing to do',
    place: { ...ours('idle', '100 servers'), metric: clientCpuShare.key },
    reference: undefined,
    unit: '%',
    goals: most(1, 0.5),
  },
  {
    what: 'server memory, for each of 1000 clients, nothing to do',
    place: { ...ours('crowd', '1000 clients'), metric: serverMemoryPerClient.key },
    reference: undefined,
    unit: 'KB',
    goals: most(25, 12),
  },
  ...[1, 16, 128, 1024].map((inFlight) => callsAgainst('echo', inFlight, callsPerSecond)),
  ...[1, 16, 128, 1024].map((inFlight) =>
    callsAgainst('freelance-libzmq', inFlight, callsPerSecond),
  ),
];

function callsAgainst(subject: SubjectName, inFlight: number, metric: Metric, goals?: Goals): Bar {
  const place = { ...ours('calls', `${inFlight} in flight`), metric: metric.key };
  return against(`${metric.heading}, ${inFlight} in flight`, place, { subject }, goals);
}

function curveAgainstTls(inFlight: number, goals: Goals): Bar {
  const place: Place = {
    scenario: 'secure',
    cell: `${inFlight} in flight`,
    subject: 'freelance-curve',
    metric: callsPerSecond.key,
  };
  return against(`calls/s by CURVE, ${inFlight} in flight`, place, { subject: 'tcp-tls' }, goals);
}

function payloadsAgainst(cell: string, goals: Goals | undefined, theirCell = cell): Bar {
  const place = { ...ours('payloads', cell), metric: megabytesPerSecond.key };
  return against(`MB/s, ${cell}`, place, { subject: 'tcp', cell: theirCell }, goals);
}

function streamsAgainst(subject: SubjectName, goals: Goals): Bar {
  const place = { ...ours('streams', 'Observable'), metric: valuesPerSecond.key };
  return against('values/s of streams', place, { subject }, goals);
}

function against(what: string, place: Place, rival: Partial<Place>, goals?: Goals): Bar {
  return { what, place, reference: { ...place, ...rival }, unit: '×', goals };
}

function ours(scenario: string, cell: string): Omit<Place, 'metric'> {
  return { scenario, cell, subject: 'freelance' };
}
