import type { FreelanceEngine } from 'nestjs-freelance';
import type { BrokerName } from '../brokers/registry.js';
import type { Subject } from './subject.js';

interface Entry {
  /** Its name in tables and charts. */
  readonly label: string;
  readonly broker?: BrokerName;
  /** Its client and its server are one process. */
  readonly isOneProcess?: boolean;
  /** Only a process that measures this subject loads it, with what it needs. */
  load(): Promise<Subject>;
}

const entries = {
  freelance: { label: 'nestjs-freelance', load: () => loadFreelance() },
  'freelance-libzmq': {
    label: 'nestjs-freelance, libzmq',
    load: () => loadFreelance('libzmq'),
  },
  tcp: { label: 'Nest TCP', load: () => import('./tcp.js') },
  nats: { label: 'Nest NATS', broker: 'nats', load: () => import('./nats.js') },
  redis: { label: 'Nest Redis', broker: 'redis', load: () => import('./redis.js') },
  grpc: { label: 'Nest gRPC', load: () => import('./grpc.js') },
  'freelance-curve': {
    label: 'nestjs-freelance, CURVE',
    load: () => loadFreelanceCurve(),
  },
  'freelance-curve-libzmq': {
    label: 'nestjs-freelance, CURVE, libzmq',
    load: () => loadFreelanceCurve('libzmq'),
  },
  'tcp-tls': { label: 'Nest TCP, TLS', load: () => import('./tcp-tls.js') },
  echo: { label: 'node:net alone', load: () => import('./echo.js') },
  raw: { label: 'zeromq.js alone', load: () => import('./raw.js') },
  pipeline: { label: 'no transport', isOneProcess: true, load: () => import('./pipeline.js') },
} satisfies Record<string, Entry>;

async function loadFreelance(engine?: FreelanceEngine): Promise<Subject> {
  return (await import('./freelance.js')).freelance(engine);
}

async function loadFreelanceCurve(engine?: FreelanceEngine): Promise<Subject> {
  return (await import('./freelance-curve.js')).freelanceCurve(engine);
}

export type SubjectName = keyof typeof entries;

export const SUBJECTS: Readonly<Record<SubjectName, Entry>> = entries;

export const SUBJECT_NAMES = Object.keys(entries) as SubjectName[];
