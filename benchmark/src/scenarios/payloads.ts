import { CallLoops } from '../load/call-loops.js';
import { base64Task, bytesTask, documentTask, type Task } from '../load/tasks.js';
import {
  clientCpuPerCall,
  clientPeakRss,
  megabytesPerSecond,
  p50,
  p99,
  serverCpuPerCall,
  serverPeakRss,
} from '../report/metrics.js';
import type { SubjectName } from '../subjects/registry.js';
import { type Cell, ONE_TO_ONE, type Scenario } from './scenario.js';

interface Size {
  readonly name: string;
  readonly bytes: number;
  readonly inFlight: number;
  /** nats-server takes messages of up to 1 MiB, envelope included, unless it is told otherwise. */
  readonly fitsNats: boolean;
}

interface Form {
  readonly name: string;
  readonly task: (size: number) => Task;
  readonly subjects: readonly SubjectName[];
}

const SIZES: readonly Size[] = [
  { name: '1 KB', bytes: 1000, inFlight: 16, fitsNats: true },
  { name: '64 KB', bytes: 64_000, inFlight: 16, fitsNats: true },
  // One: several of them, and Nest TCP (12.1) may stand still for ever, neither side reading before the other does.
  { name: '1 MB', bytes: 1_000_000, inFlight: 1, fitsNats: false },
];

const FORMS: readonly Form[] = [
  {
    name: 'JSON',
    task: documentTask,
    subjects: ['freelance', 'freelance-libzmq', 'tcp', 'nats', 'redis', 'grpc', 'echo'],
  },
  {
    name: 'bytes',
    task: bytesTask,
    subjects: ['freelance', 'freelance-libzmq', 'tcp', 'nats', 'redis', 'grpc', 'echo', 'raw'],
  },
  { name: 'base64', task: base64Task, subjects: ['tcp', 'nats', 'redis'] },
];

export const payloads: Scenario = {
  name: 'payloads',
  title: 'Payloads',
  about:
    'Echoed as JSON (an object of arrays and strings; the same as a message of protobuf over gRPC), ' +
    'as bytes (a Buffer as it is handed to `send`; Nest’s own transports write it as an array of ' +
    'numbers, and hand that over), and as bytes that the application itself writes and reads as ' +
    'base64. 16 in flight, of 1 MB one. NATS has no 1 MB: its server takes less.',
  // The largest last: what it leaves in a process is seen in no other cell.
  cells: SIZES.flatMap((size) => FORMS.map((form) => cell(form, size))),
  metrics: [
    megabytesPerSecond,
    p50,
    p99,
    clientCpuPerCall,
    serverCpuPerCall,
    clientPeakRss,
    serverPeakRss,
  ],
  reference: { subject: 'tcp' },
  // There are many of them, and what tells them apart is larger than what chance does.
  secondsOf: (usual) => usual / 2,
};

function cell(form: Form, { name, bytes, inFlight, fitsNats }: Size): Cell {
  return {
    name: `${name} ${form.name}`,
    subjects: form.subjects.filter((subject) => fitsNats || subject !== 'nats'),
    setup: ONE_TO_ONE,
    load: (clients, tally) => {
      const task = form.task(bytes);
      return new CallLoops(clients, tally, inFlight, () => task);
    },
  };
}
