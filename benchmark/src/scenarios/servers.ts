import { CallLoops } from '../load/call-loops.js';
import { orderTask } from '../load/tasks.js';
import { callsPerSecond, clientCpuPerCall, p50, p99, serverCpuPerCall } from '../report/metrics.js';
import { ONE_TO_ONE, type Scenario } from './scenario.js';

const IN_FLIGHT = 128;

const nameOf = (processes: number) => `${processes} server process${processes > 1 ? 'es' : ''}`;

export const servers: Scenario = {
  name: 'servers',
  title: 'Several server processes',
  about:
    `One client, ${IN_FLIGHT} calls in flight, spread over the servers by the client. What more servers ` +
    'bring depends on the cores that the machine has for them.',
  cells: [1, 3].map((serverProcesses) => ({
    name: nameOf(serverProcesses),
    subjects: ['freelance'],
    setup: { ...ONE_TO_ONE, serverProcesses },
    load: (clients, tally) => new CallLoops(clients, tally, IN_FLIGHT, orderTask),
  })),
  metrics: [callsPerSecond, p50, p99, clientCpuPerCall, serverCpuPerCall],
  reference: { cell: nameOf(1) },
};
