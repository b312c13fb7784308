import { idleness } from '../load/idleness.js';
import { serverCpuShare, serverMemoryPerClient, serverRssPerClient } from '../report/metrics.js';
import { ONE_TO_ONE, type Scenario } from './scenario.js';

const CROWD = { processes: 2, clientsPerProcess: 500 };

const CLIENTS = CROWD.processes * CROWD.clientsPerProcess;

/** These clients connect first, to separate what a server compiles and sets up from the cost of one more client. */
const EARLIER = 100;

export const crowd: Scenario = {
  name: 'crowd',
  title: 'A thousand clients with nothing to do',
  about:
    `A server has ${EARLIER} clients, and ${CLIENTS} more come, from ${CROWD.processes} processes; nobody calls. ` +
    'For each of those that came the memory of its process has grown by so much, garbage collected before and after: ' +
    'the objects of JavaScript, and all that is resident but V8’s heap. With the pages of that heap which stand ' +
    'empty it is the growth of resident memory. What the kernel holds for a socket is in neither. CPU is for the ' +
    'heartbeats of all of them.',
  cells: [
    {
      name: `${CLIENTS} clients`,
      subjects: ['freelance', 'freelance-libzmq'],
      setup: { ...ONE_TO_ONE, clients: EARLIER, crowd: CROWD },
      load: () => idleness,
    },
  ],
  metrics: [serverMemoryPerClient, serverRssPerClient, serverCpuShare],
  reference: { subject: 'freelance-libzmq' },
  // At least two heartbeats.
  secondsOf: (usual) => Math.max(2, usual),
};
