import { CallLoops } from '../load/call-loops.js';
import { orderTask } from '../load/tasks.js';
import {
  callsPerSecond,
  clientCpuPerCall,
  clientPeakRss,
  clientRestRss,
  p50,
  p99,
  p999,
  serverCpuPerCall,
  serverPeakRss,
  serverRestRss,
} from '../report/metrics.js';
import { ONE_TO_ONE, type Scenario } from './scenario.js';

export const calls: Scenario = {
  name: 'calls',
  title: 'Calls',
  about:
    'One client calls one server with about 100 bytes of JSON, which come back. So many calls are ' +
    'in flight at any time: as one ends, the next begins.',
  cells: [1, 16, 128, 1024].map((inFlight) => ({
    name: `${inFlight} in flight`,
    subjects: [
      'freelance',
      'freelance-libzmq',
      'tcp',
      'nats',
      'redis',
      'grpc',
      'echo',
      'raw',
      'pipeline',
    ],
    setup: ONE_TO_ONE,
    load: (clients, tally) => new CallLoops(clients, tally, inFlight, orderTask),
  })),
  metrics: [
    callsPerSecond,
    p50,
    p99,
    p999,
    clientCpuPerCall,
    serverCpuPerCall,
    clientPeakRss,
    clientRestRss,
    serverPeakRss,
    serverRestRss,
  ],
  reference: { subject: 'tcp' },
};
