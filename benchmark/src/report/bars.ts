import type { SubjectName } from '../subjects/registry.js';
import type { Bar, Goals } from './bar.js';
import type { Metric } from './metric.js';
import {
  callsPerSecond,
  clientCpuShare,
  megabytesPerSecond,
  p50,
  p99,
  valuesPerSecond,
} from './metrics.js';
import type { Place } from './series.js';

const least = (atLeast: number, aim: number): Goals => ({ bound: 'least', atLeast, aim });
const most = (atLeast: number, aim: number): Goals => ({ bound: 'most', atLeast, aim });

/** What nestjs-freelance has to reach. */
export const BARS: readonly Bar[] = [
  callsAgainst('tcp', 128, callsPerSecond, least(1.8, 2.5)),
  callsAgainst('tcp', 1024, callsPerSecond, least(2.2, 3)),
  callsAgainst('tcp', 16, callsPerSecond, least(1.1, 1.5)),
  callsAgainst('raw', 1, p50, most(1.25, 1.1)),
  callsAgainst('tcp', 1, p50, undefined),
  callsAgainst('tcp', 128, p99, most(0.7, 0.4)),
  callsAgainst('nats', 128, callsPerSecond, least(4, 6)),
  callsAgainst('redis', 128, callsPerSecond, least(4, 6)),
  ...['64 KB', '1 MB'].flatMap((size) => [
    bytesAgainst(`${size} bytes`, size, least(3, 10)),
    bytesAgainst(`${size} base64`, size, undefined),
  ]),
  streamsAgainst('tcp', least(1.5, 3)),
  {
    what: 'client CPU, of one core, 100 servers, nothing to do',
    place: { ...ours('idle', '100 servers'), metric: clientCpuShare.key },
    reference: undefined,
    goals: most(2, 1),
  },
];

function callsAgainst(
  subject: SubjectName,
  inFlight: number,
  metric: Metric,
  goals: Goals | undefined,
): Bar {
  const place = { ...ours('calls', `${inFlight} in flight`), metric: metric.key };
  return {
    what: `${metric.heading}, ${inFlight} in flight`,
    place,
    reference: { ...place, subject },
    goals,
  };
}

/** Nest TCP has a quicker way for bytes than its own: base64, if the application takes care of it. */
function bytesAgainst(cell: string, size: string, goals: Goals | undefined): Bar {
  const place = { ...ours('payloads', `${size} bytes`), metric: megabytesPerSecond.key };
  return {
    what: `MB/s, ${size} of bytes`,
    place,
    reference: { ...place, subject: 'tcp', cell },
    goals,
  };
}

function streamsAgainst(subject: SubjectName, goals: Goals): Bar {
  const place = { ...ours('streams', 'Observable'), metric: valuesPerSecond.key };
  return { what: 'values/s of streams', place, reference: { ...place, subject }, goals };
}

function ours(scenario: string, cell: string): Omit<Place, 'metric'> {
  return { scenario, cell, subject: 'freelance' };
}
