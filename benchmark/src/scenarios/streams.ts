import { CallLoops } from '../load/call-loops.js';
import { IterateLoops } from '../load/iterate-loops.js';
import { streamTask } from '../load/tasks.js';
import {
  clientCpuPerValue,
  clientPeakRss,
  serverCpuPerValue,
  serverPeakRss,
  valuesPerSecond,
} from '../report/metrics.js';
import { ONE_TO_ONE, type Scenario } from './scenario.js';

const VALUES = 1000;
const AT_ONCE = 8;

const observable = streamTask('values', VALUES);
const iterable = streamTask('iterated', VALUES);

export const streams: Scenario = {
  name: 'streams',
  title: 'Streams',
  about:
    `A handler returns ${VALUES} values of about 100 bytes, as an Observable; ${AT_ONCE} such calls ` +
    'are in flight. nestjs-freelance also with an async iterable, read by `for await`: there neither ' +
    'end runs ahead of the other.',
  cells: [
    {
      name: 'Observable',
      subjects: ['freelance', 'freelance-libzmq', 'tcp', 'nats', 'redis', 'grpc'],
      setup: ONE_TO_ONE,
      load: (clients, tally) => new CallLoops(clients, tally, AT_ONCE, () => observable),
    },
    {
      name: 'async iterable',
      subjects: ['freelance', 'freelance-libzmq'],
      setup: ONE_TO_ONE,
      load: (clients, tally) => new IterateLoops(clients, tally, AT_ONCE, iterable),
    },
  ],
  metrics: [valuesPerSecond, clientCpuPerValue, serverCpuPerValue, clientPeakRss, serverPeakRss],
  reference: { subject: 'tcp' },
};
