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
  /** nats-server takes messages of up to 1 MiB by default, envelope included. */
  readonly fitsNats: boolean;
}

/** Large JSON allows few calls per second, so every subject warms up for 2.4 s at the usual pace. */
const WARM_UP = 2;

const SMALL = 1000;

interface Form {
  readonly name: string;
  readonly task: (size: number) => Task;
  readonly subjects: readonly SubjectName[];
  readonly isJson?: boolean;
}

const SIZES: readonly Size[] = [
  { name: '1 KB', bytes: SMALL, inFlight: 16, fitsNats: true },
  { name: '64 KB', bytes: 64_000, inFlight: 16, fitsNats: true },
  // One in flight: with several, Nest TCP (12.1) can deadlock, each side waiting for the other to read.
  { name: '1 MB', bytes: 1_000_000, inFlight: 1, fitsNats: false },
];

const FORMS: readonly Form[] = [
  {
    name: 'JSON',
    task: documentTask,
    isJson: true,
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
  // The largest last, so that its effects on a process show in no other cell.
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
  // There are many cells, and their differences are larger than the noise.
  secondsOf: (usual) => usual / 2,
};

function cell(form: Form, { name, bytes, inFlight, fitsNats }: Size): Cell {
  return {
    name: `${name} ${form.name}`,
    subjects: form.subjects.filter((subject) => fitsNats || subject !== 'nats'),
    setup: ONE_TO_ONE,
    warmUp: form.isJson && bytes > SMALL ? WARM_UP : undefined,
    load: (clients, tally) => {
      const task = form.task(bytes);
      return new CallLoops(clients, tally, inFlight, () => task);
    },
  };
}
