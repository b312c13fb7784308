import { idleness } from '../load/idleness.js';
import {
  clientCpuShare,
  clientPeakRss,
  serverCpuShare,
  serverPeakRss,
  wireRate,
} from '../report/metrics.js';
import { ONE_TO_ONE, type Scenario } from './scenario.js';

/**
 * 30 s at the usual pace: a hundred PINGs a second run as bytecode for about that long, which costs several times as much. With
 * fewer servers it would take minutes, so their cells stay as they are.
 */
const WARM_UP = 25;

const nameOf = (servers: number) => `${servers} server${servers > 1 ? 's' : ''}`;

export const idle: Scenario = {
  name: 'idle',
  title: 'Nothing to do',
  about:
    'One client is connected to so many servers, which share a process, and nobody calls: what ' +
    'heartbeats cost. Bytes are counted between the client and one of the servers, both ways.',
  cells: [1, 10, 100].map((serversPerProcess) => ({
    name: nameOf(serversPerProcess),
    subjects: ['freelance', 'freelance-libzmq'],
    setup: { ...ONE_TO_ONE, serversPerProcess, isTapped: true },
    warmUp: serversPerProcess === 100 ? WARM_UP : undefined,
    load: () => idleness,
  })),
  metrics: [clientCpuShare, serverCpuShare, wireRate, clientPeakRss, serverPeakRss],
  reference: { cell: nameOf(1) },
  // At least two heartbeats.
  secondsOf: (usual) => Math.max(2, usual),
};
