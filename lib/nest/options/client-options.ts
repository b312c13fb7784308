import { randomUUID } from 'node:crypto';
import type { Deserializer, Serializer } from '@nestjs/microservices';
import type { ClientAgentOptions } from '../../agents/client/client-agent.js';
import type { Balancer } from '../../core/balancer.js';
import { lowestLatency } from '../../core/balancers/lowest-latency.js';
import { p2c } from '../../core/balancers/p2c.js';
import { roundRobin } from '../../core/balancers/round-robin.js';
import type { Metadata } from '../../protocol/headers.js';
import type { PacketCodec } from '../packet-codec.js';
import { isEndpoint } from './addresses.js';
import { OptionReader } from './option-reader.js';

export type BalancerName = 'p2c' | 'round-robin' | 'lowest-latency';

/** Options of a `FreelanceClientProxy`. All times are milliseconds. */
export interface FreelanceClientOptions {
  /** Where the servers are: `tcp://host:port`, `ipc://path` or `inproc://name`. At least one. */
  endpoints: string | readonly string[];
  /** Time between PINGs to each server. At least 10. @default 1000 */
  heartbeatInterval?: number;
  /** Silence after which a server counts as dead. More than `heartbeatInterval`. @default 3000 */
  heartbeatTimeout?: number;
  /** Calls in a row that may time out at a server before others are preferred. @default 3 */
  maxFailures?: number;
  /** How long one attempt may wait for its first value. @default 5000 */
  requestTimeout?: number;
  /** How many servers may be tried with a call that each of them may have run. @default 3 */
  maxAttempts?: number;
  /** How long `connect()`, and a call, waits for a server that can be reached. @default 5000 */
  connectTimeout?: number;
  /**
   * First back-off of a dead server's probes. It doubles up to 10 000 (while no server is usable, up to
   * `heartbeatInterval`), and each delay is drawn evenly from zero to it. @default 100
   */
  reconnectInterval?: number;
  /** How a server is chosen among those that live, or an object that chooses. @default 'p2c' */
  balancer?: BalancerName | Balancer;
  /** The deadline of every call, unless its record has one. @default none */
  timeout?: number;
  /** Whether calls may be run twice, unless their records say. @default true */
  idempotent?: boolean;
  /** Travels with every call; what its record says of the same key comes first. */
  metadata?: Metadata;
  /** Of whole packets, as Nest's other transports take it; may be asynchronous. @default none */
  serializer?: Serializer;
  /** The counterpart of the server's serializer. @default none */
  deserializer?: Deserializer;
  /** How many calls may be open at once; the next one fails with `OVERLOADED`. @default 10000 */
  maxPending?: number;
}

/** What a call does if its record does not say. */
export interface CallDefaults {
  readonly requestTimeout: number;
  readonly maxAttempts: number;
  readonly timeout: number;
  readonly idempotent: boolean;
  readonly metadata: Metadata;
}

export interface ResolvedClientOptions {
  readonly agent: Omit<ClientAgentOptions, 'balancer'>;
  /** Balancers keep state: every agent gets one of its own. */
  readonly balancer: () => Balancer;
  readonly calls: CallDefaults;
  readonly codec: PacketCodec;
}

/** DESIGN: the back-off of probes grows to 10 s. */
const MAX_BACKOFF_MS = 10_000;

/** @throws FreelanceError `BAD_OPTIONS` */
export function resolveClientOptions(options: FreelanceClientOptions): ResolvedClientOptions {
  const read = new OptionReader<FreelanceClientOptions>('FreelanceClientProxy', options, [
    'endpoints',
    'heartbeatInterval',
    'heartbeatTimeout',
    'maxFailures',
    'requestTimeout',
    'maxAttempts',
    'connectTimeout',
    'reconnectInterval',
    'balancer',
    'maxPending',
    'timeout',
    'idempotent',
    'metadata',
    'serializer',
    'deserializer',
  ]);
  const interval = read.number('heartbeatInterval', { min: 10, default: 1000 });
  const timeout = read.number('heartbeatTimeout', {
    min: 1,
    default: Math.max(3000, 3 * interval),
  });
  if (timeout <= interval) {
    throw read.bad(
      'heartbeatTimeout',
      `must be more than heartbeatInterval (${interval})`,
      timeout,
    );
  }
  return {
    agent: {
      clientId: randomUUID(),
      endpoints: [...new Set(read.addresses('endpoints', isEndpoint, 'tcp://10.0.0.1:5555'))],
      heartbeat: { interval, timeout },
      maxFailures: read.number('maxFailures', {
        min: 1,
        default: 3,
        integer: true,
        infinite: true,
      }),
      connectTimeout: read.number('connectTimeout', { min: 1, default: 5000 }),
      backoff: {
        initial: read.number('reconnectInterval', { min: 1, default: 100 }),
        max: MAX_BACKOFF_MS,
      },
      maxPending: read.number('maxPending', {
        min: 1,
        default: 10_000,
        integer: true,
        infinite: true,
      }),
    },
    codec: read.codec(),
    balancer: balancerOf(read, options.balancer ?? 'p2c'),
    calls: {
      requestTimeout: read.number('requestTimeout', { min: 1, default: 5000 }),
      maxAttempts: read.number('maxAttempts', { min: 1, default: 3, integer: true }),
      timeout: read.number('timeout', { min: 1, default: Infinity, infinite: true }),
      idempotent: read.flag('idempotent', true),
      metadata: read.texts('metadata'),
    },
  };
}

function balancerOf(
  read: OptionReader<FreelanceClientOptions>,
  balancer: BalancerName | Balancer,
): () => Balancer {
  if (typeof balancer === 'object' && typeof balancer?.pick === 'function') return () => balancer;
  switch (balancer) {
    case 'p2c':
      return () => p2c;
    case 'round-robin':
      return roundRobin;
    case 'lowest-latency':
      return () => lowestLatency;
    default:
      throw read.bad(
        'balancer',
        "must be 'p2c', 'round-robin', 'lowest-latency' or an object with a method pick",
        balancer,
      );
  }
}
