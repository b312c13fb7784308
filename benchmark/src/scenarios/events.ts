import { EventBursts } from '../load/event-bursts.js';
import {
  clientCpuPerEvent,
  clientPeakRss,
  eventsPerSecond,
  serverCpuPerEvent,
  serverPeakRss,
} from '../report/metrics.js';
import { ONE_TO_ONE, type Scenario } from './scenario.js';

const BURST = 64;
const AT_ONCE = 4;

export const events: Scenario = {
  name: 'events',
  title: 'Events',
  about:
    `One client emits events of about 100 bytes in bursts of ${BURST}, of which ${AT_ONCE} are under way. ` +
    'An event counts once the server says that its handler has got it; nestjs-freelance also ' +
    'acknowledges each event to its sender, which the others do not.',
  cells: [
    {
      name: `${BURST * AT_ONCE} under way`,
      subjects: ['freelance', 'freelance-libzmq', 'tcp', 'nats', 'redis'],
      setup: ONE_TO_ONE,
      load: (clients, tally) => new EventBursts(clients, tally, AT_ONCE, BURST),
    },
  ],
  metrics: [eventsPerSecond, clientCpuPerEvent, serverCpuPerEvent, clientPeakRss, serverPeakRss],
  reference: { subject: 'tcp' },
};
