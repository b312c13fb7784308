import { CallLoops } from '../load/call-loops.js';
import { orderTask } from '../load/tasks.js';
import {
  callsPerSecond,
  clientCpuPerCall,
  clientPeakRss,
  p99,
  serverCpuPerCall,
  serverPeakRss,
} from '../report/metrics.js';
import { type Cell, ONE_TO_ONE, type Scenario, type Setup } from './scenario.js';

const IN_FLIGHT = 128;

const FIRST = '1 server, 1 client';

export const scale: Scenario = {
  name: 'scale',
  title: 'Many servers, many clients',
  about:
    `${IN_FLIGHT} calls in flight in all. The servers share a process, and so do the clients; each client ` +
    'is connected to every server.',
  cells: [
    cell(FIRST, {}),
    cell('10 servers', { serversPerProcess: 10 }),
    cell('100 servers', { serversPerProcess: 100 }),
    cell('10 clients', { clients: 10 }),
    cell('100 clients', { clients: 100 }),
  ],
  metrics: [callsPerSecond, p99, clientCpuPerCall, serverCpuPerCall, clientPeakRss, serverPeakRss],
  reference: { cell: FIRST },
};

function cell(name: string, differing: Partial<Setup>): Cell {
  return {
    name,
    subjects: ['freelance'],
    setup: { ...ONE_TO_ONE, ...differing },
    load: (clients, tally) => new CallLoops(clients, tally, IN_FLIGHT, orderTask),
  };
}
