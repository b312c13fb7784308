import { randomUUID } from 'node:crypto';
import type { Deserializer, Serializer } from '@nestjs/microservices';
import type { ClientAgentOptions } from '../../agents/client/client-agent.js';
import type { Balancer } from '../../core/balancer.js';
import { lowestLatency } from '../../core/balancers/lowest-latency.js';
import { p2c } from '../../core/balancers/p2c.js';
import { roundRobin } from '../../core/balancers/round-robin.js';
import type { SubsetPolicy } from '../../core/subset.js';
import { LONGEST_TIMEOUT_MS, type Metadata } from '../../protocol/headers.js';
import { MAX_HEARTBEAT_MS } from '../../protocol/hello.js';
import type { ClientSecurity } from '../../security/client-credentials.js';
import { type IsFailure, isUnexpected } from '../client/blame.js';
import type { PacketCodec } from '../packet-codec.js';
import type { FreelanceEngine } from '../../sockets/engine.js';
import { misfitOf, readEndpoint } from './addresses.js';
import { readEngine } from './engine.js';
import { type FreelanceClientSecurity, readClientSecurity } from './client-security.js';
import { MESSAGE_SIZE, OptionReader } from './option-reader.js';

/**
 * How a client chooses among the servers that can take a call.
 *
 * - `p2c`: of two servers drawn at random, the one where the call is likely to be answered sooner:
 *   response time, times the calls already in flight there and this one, divided by the share of the
 *   server that it says is free (at least 5 %). A call that failed counts as in flight until one that
 *   succeeds would have ended: to fail fast makes no server look fast. Response times are a peak
 *   EWMA with a decay of 10 s: a slow answer counts at once, and fades slowly. A server that has not
 *   answered a call yet gets one, and no second before that is back. Sources: M. Mitzenmacher, "The
 *   Power of Two Choices in Randomized Load Balancing", 2001; finagle, `P2CPeakEwma`.
 * - `round-robin`: each in its turn.
 * - `lowest-latency`: the one with the fewest failures in a row and, among equals, the quickest
 *   heartbeat. Every client tends to choose the same one, and keeps it though it answers with errors, unless
 *   those are failures (`isFailure`), for which it is ejected.
 */
export type BalancerName = 'p2c' | 'round-robin' | 'lowest-latency';

/** How many attempts a client may make that add to what its servers have to do anyway. */
export interface RetryBudgetOptions {
  /** Such attempts for each call and event of the last 10 s. From 0 to 1000. @default 0.2 */
  ratio?: number | undefined;
  /** Such attempts a second, however few calls there are. At least 0; `Infinity` for any number. @default 10 */
  minPerSecond?: number | undefined;
}

/** How many of many servers a client watches, and which. */
export interface SubsetOptions {
  /**
   * How many servers the client watches. At least 1; to lose one of them should not matter. Source of the
   * default: gRFC A68, `random_subsetting`. @default 20
   */
  size?: number | undefined;
  /**
   * The number of this client among those of its service, which count from 0, without large gaps: such as the
   * ordinal of its pod in a Kubernetes `StatefulSet`. Then each server is watched by as many clients as any
   * other, give or take a few. Whole, at least 0. @default none: the client draws its servers
   */
  index?: number | undefined;
}

/**
 * Options of a `FreelanceClientProxy`. All times are milliseconds. A value out of bounds, or an option
 * that there is not, makes the constructor throw a `FreelanceError` `BAD_OPTIONS`.
 */
export interface FreelanceClientOptions {
  /**
   * Where the servers are, at least one: `tcp://host:port`, `tls://host:port`, `ipc://path` or `inproc://name`. The host is
   * a name, an IPv4 address, or an IPv6 address in brackets. A name in other letters than ASCII is looked up, and
   * told, as RFC 5890 writes it: `bücher.example` as `xn--bcher-kva.example`. The path of a socket has at most 107 bytes
   * (103 on macOS). An address given twice is one server.
   */
  endpoints: string | readonly string[];
  /**
   * What the lines of the log call this client, such as the token that it is injected by: which nothing tells
   * it. @default its endpoints, if there are several
   */
  name?: string | undefined;
  /**
   * Watches some of the servers only, where heartbeats of all clients to all servers cost too much: thousands
   * of servers and clients. For each of them that cannot take calls another one is watched; when it comes back,
   * the other one is left after 10 s. If none of them can, all servers are watched: a call finds a server while
   * any lives. A server that is added or removed changes one server of a subset at most.
   *
   * Routing keys and broadcasts are for all servers: with this option, they fail with `BAD_OPTIONS`. Sources:
   * gRFC A68; P. Ward et al., "Reinventing Backend Subsetting at Google", 2022. @default none, all are watched
   */
  subset?: SubsetOptions | undefined;
  /** Time between PINGs to each server, in ms. From 10 to 60 000, which servers believe. @default 1000 */
  heartbeatInterval?: number | undefined;
  /**
   * Silence after which a server counts as dead, in ms. More than `heartbeatInterval`, at most
   * 36 000 000.
   *
   * @default 3000, or three times `heartbeatInterval` if that is more
   */
  heartbeatTimeout?: number | undefined;
  /**
   * How many attempts in a row may time out at a server before it rests (one that answers them with failures rests
   * by `isFailure`): it is then used only where no
   * other can take the call, for `heartbeatTimeout`, the next time for twice that, and so on. After its rest
   * it gets one call as a trial; once it has answered one, its share of the calls grows for 10 s. At most
   * half of the servers rest, and one of any number; while less than half are alive, those that rest are
   * used, too. At least 1; `Infinity` for never. Source: Envoy, outlier detection, slow start and panic
   * threshold. @default 3
   */
  maxFailures?: number | undefined;
  /**
   * How long one attempt may wait for its first value, in ms. Then the call goes to another server, and the first is
   * told to stop; never again to one that may still run it. If no other server can have it, the attempt stays open:
   * until the deadline, or without one until `requestTimeout` × `maxAttempts` after the call was first sent. A call that may not be sent again, and one to a server of the basic dialect
   * without another to go to, fails with `ETIMEDOUT`. Values after the first may take any time: only a deadline bounds
   * them. At least 1. @default 5000
   */
  requestTimeout?: number | undefined;
  /**
   * How often a call may be given to a server that may then have run it: to another server first, to the
   * same one only if it has lost the connection since, and with it what it ran. What a server refused does not count.
   * At least 1. @default 3
   */
  maxAttempts?: number | undefined;
  /**
   * How many attempts may be made that add load, so that retries do not make an overload worse: hedges,
   * calls of a server that falls silent, which go to another one as well, attempts after one that had no answer in
   * time, or after a second loss of a server by the same call, and a second round of the servers if all have refused a
   * call. With none left, a call of a silent server waits for that one; any other
   * call fails with what it has, `ETIMEDOUT`, `ECONNRESET` or `OVERLOADED`. It holds back nothing that merely moves: what
   * was not sent, what a server refused, and all the calls of a server that was lost. Source: finagle,
   * `RetryBudget`. @default { ratio: 0.2, minPerSecond: 10 }
   */
  retryBudget?: RetryBudgetOptions | undefined;
  /**
   * How long `connect()` waits for a server, and a call over all its attempts, in ms. Then they fail with
   * `ECONNREFUSED`, or a call with `OVERLOADED` if servers live but none has room. At least 1.
   * @default 5000
   */
  connectTimeout?: number | undefined;
  /**
   * The longest first pause between probes of a dead server, in ms. It doubles up to `heartbeatInterval` in the
   * first minute after its loss and while no server is usable, else up to 10 000, and each pause is drawn evenly
   * from zero to it. A probe that hangs is replaced after `heartbeatTimeout`. A server that refuses this client
   * is not probed more often at first. At least 1. Source: M. Brooker, "Exponential Backoff And Jitter", AWS, 2015.
   * @default 100
   */
  reconnectInterval?: number | undefined;
  /**
   * Whether the server is to blame for what a call failed with. A server whose calls fail so much more often than
   * those of the others that its share is higher by 50 points, over at least 20 calls of the last half minute, rests as
   * one does whose calls time out (`maxFailures`); never the last one. Asked with the error that the caller gets, after
   * the `deserializer`, for each failed call and for each attempt that had no answer in time. It must answer at once; if it throws, that is
   * logged, and the server is not to blame.
   *
   * By default: what Nest reports as "Internal server error", which handlers throw and nobody expects, replies that
   * cannot be read (`PROTOCOL`), and calls without an answer in time (`ETIMEDOUT`). What handlers throw as an
   * `RpcException` is an answer. `() => false` for never. Source: gRFC A50, outlier detection.
   */
  isFailure?: ((error: unknown) => boolean) | undefined;
  /** How a server is chosen among those that live, or an object that chooses. @default 'p2c' */
  balancer?: BalancerName | Balancer | undefined;
  /**
   * The deadline of every call and event, unless its record has one: ms for all its attempts and values.
   * From 1 to 9 007 199 254 740 991; `Infinity` for none. @default Infinity
   */
  timeout?: number | undefined;
  /**
   * Whether calls and events may be run twice, unless their records say. If not, one whose server is
   * lost fails with `ECONNRESET`, and one without an answer with `ETIMEDOUT`. @default true
   */
  idempotent?: boolean | undefined;
  /** Travels with every call and event; what its record says of the same key comes first. @default none */
  metadata?: Metadata | undefined;
  /**
   * Makes of a whole packet, `{ pattern, data }`, another one, or bytes or text that only the servers'
   * `deserializer` reads. May be asynchronous. Without one, bytes travel as bytes, strings as text, and
   * all else as JSON. @default none
   */
  serializer?: Serializer | undefined;
  /**
   * The counterpart of the servers' `serializer`: makes a packet, `{ response }` or `{ err }`, of what
   * that made. May be asynchronous. @default none
   */
  deserializer?: Deserializer | undefined;
  /**
   * What speaks ZMTP, the wire of ZeroMQ: `node` is this library itself, over Node's sockets; `libzmq` is the ZeroMQ
   * project's own library, by the package `zeromq`. Both speak the same wire, but `inproc://` reaches only sockets of the
   * same engine, and of the same thread. See `docs/engines.md`. The environment variable `FREELANCE_CLIENT_ENGINE` sets the default.
   * @default node
   */
  engine?: FreelanceEngine | undefined;
  /**
   * The client's key pair or password, and the keys of its servers: see `FreelanceClientSecurity`, and the
   * page `docs/security.md`. Not for `inproc://`, which never leaves the process. @default none
   */
  security?: FreelanceClientSecurity | undefined;
  /**
   * How many calls and events may be open at once, those that wait for a server among them; the next
   * one fails with `OVERLOADED`. At least 1; `Infinity` for no bound. @default 10000
   */
  maxPending?: number | undefined;
  /**
   * How many calls and events one server may have in flight from this client, so that a slow one does not
   * hold all of `maxPending`. Others go to other servers, or wait, at most `connectTimeout`. At least 1;
   * `Infinity` for no bound: `p2c` avoids slow servers anyway. @default Infinity
   */
  maxPendingPerServer?: number | undefined;
  /**
   * The largest data of a call or an event that is sent, and the largest value that is taken, in bytes as
   * they travel. A call with more fails at once with `EMSGSIZE`, as does one with more than its server says
   * that it takes. ZeroMQ ends the connection of a server that sends more; those of this library know what
   * this client takes, and answer with an error instead. A whole number from 1 048 576, which a PACK may have,
   * to 2 147 483 647. @default 16777216 (16 MiB)
   */
  maxMessageSize?: number | undefined;
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
  readonly name: string | undefined;
  readonly agent: Omit<ClientAgentOptions, 'balancer' | 'isFailure'>;
  /** The user's own, which may throw, or the default. */
  readonly isFailure: IsFailure;
  /** Balancers keep state: every agent gets one of its own. */
  readonly balancer: () => Balancer;
  readonly calls: CallDefaults;
  readonly engine: FreelanceEngine;
  readonly security: ClientSecurity | undefined;
  readonly codec: PacketCodec;
}

/** How far the back-off of probes grows. */
const MAX_BACKOFF_MS = 10_000;

/** Ten hours: whoever means more has mistaken the unit. */
const MOST_SILENCE_MS = 36_000_000;

/** @throws FreelanceError `BAD_OPTIONS` */
export function resolveClientOptions(options: FreelanceClientOptions): ResolvedClientOptions {
  const read = new OptionReader<FreelanceClientOptions>('FreelanceClientProxy', options, [
    'endpoints',
    'name',
    'subset',
    'heartbeatInterval',
    'heartbeatTimeout',
    'maxFailures',
    'requestTimeout',
    'maxAttempts',
    'retryBudget',
    'connectTimeout',
    'reconnectInterval',
    'isFailure',
    'balancer',
    'maxPending',
    'maxPendingPerServer',
    'maxMessageSize',
    'timeout',
    'idempotent',
    'metadata',
    'engine',
    'security',
    'serializer',
    'deserializer',
  ]);
  const interval = read.number('heartbeatInterval', {
    min: 10,
    max: MAX_HEARTBEAT_MS,
    default: 1000,
  });
  const timeout = read.number('heartbeatTimeout', {
    min: 1,
    max: MOST_SILENCE_MS,
    default: Math.max(3000, 3 * interval),
  });
  if (timeout <= interval) {
    throw read.bad(
      'heartbeatTimeout',
      `must be more than heartbeatInterval (${interval})`,
      timeout,
    );
  }
  const budget = read.group<'retryBudget', RetryBudgetOptions>('retryBudget', [
    'ratio',
    'minPerSecond',
  ]);
  const endpoints = [...new Set(read.addresses('endpoints', readEndpoint, 'tcp://10.0.0.1:5555'))];
  const security = readClientSecurity(read, options.security, endpoints);
  for (const endpoint of endpoints) {
    const must = misfitOf(endpoint, security?.mechanism);
    if (must !== undefined) throw read.bad('endpoints', must, endpoint);
  }
  return {
    name: read.isGiven('name') ? read.text('name', '') : undefined,
    agent: {
      clientId: randomUUID(),
      endpoints,
      subset: read.isGiven('subset') ? subsetOf(read) : undefined,
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
      maxPendingPerServer: read.number('maxPendingPerServer', {
        min: 1,
        default: Infinity,
        integer: true,
        infinite: true,
      }),
      maxMessageSize: read.number('maxMessageSize', MESSAGE_SIZE),
      retryBudget: {
        ratio: budget.number('ratio', { min: 0, max: 1000, default: 0.2 }),
        minPerSecond: budget.number('minPerSecond', { min: 0, default: 10, infinite: true }),
      },
    },
    engine: readEngine(read, 'FREELANCE_CLIENT_ENGINE', security?.mechanism),
    security,
    codec: read.codec(),
    isFailure: read.function('isFailure', isUnexpected),
    balancer: balancerOf(read, options.balancer ?? 'p2c'),
    calls: {
      requestTimeout: read.number('requestTimeout', { min: 1, default: 5000 }),
      maxAttempts: read.number('maxAttempts', { min: 1, default: 3, integer: true }),
      timeout: read.number('timeout', {
        min: 1,
        max: LONGEST_TIMEOUT_MS,
        default: Infinity,
        infinite: true,
      }),
      idempotent: read.flag('idempotent', true),
      metadata: read.texts('metadata'),
    },
  };
}

function subsetOf(read: OptionReader<FreelanceClientOptions>): SubsetPolicy {
  const subset = read.group<'subset', SubsetOptions>('subset', ['size', 'index']);
  return {
    size: subset.number('size', { min: 1, default: 20, integer: true }),
    index: subset.isGiven('index')
      ? subset.number('index', { min: 0, default: 0, integer: true })
      : undefined,
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
