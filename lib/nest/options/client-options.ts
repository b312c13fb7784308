import { randomUUID } from 'node:crypto';
import type { Deserializer, Serializer } from '@nestjs/microservices';
import type { ClientAgentOptions } from '../../agents/client/client-agent-options.js';
import type { Balancer } from '../../core/balancer.js';
import { lowestLatency } from '../../core/balancers/lowest-latency.js';
import { p2c } from '../../core/balancers/p2c.js';
import { roundRobin } from '../../core/balancers/round-robin.js';
import type { ServerTarget } from '../../core/server-target.js';
import type { EndpointDiscovery } from '../../core/endpoint-discovery.js';
import type { SubsetPolicy } from '../../core/subset.js';
import { LONGEST_TIMEOUT_MS, type Metadata } from '../../protocol/headers.js';
import { MAX_HEARTBEAT_MS } from '../../protocol/hello.js';
import type { ClientSecurity } from '../../security/client-credentials.js';
import { type IsFailure, isUnexpected } from '../client/blame.js';
import type { PacketCodec } from '../packet-codec.js';
import type { FreelanceEngine } from '../../sockets/engine.js';
import { misfitOf } from './addresses.js';
import { readDiscovery } from './endpoint-discovery.js';
import { readEngine } from './engine.js';
import { type FreelanceClientSecurity, readClientSecurity } from './client-security.js';
import { MESSAGE_SIZE, OptionReader } from './option-reader.js';
import { readTargets } from './server-targets.js';

/**
 * How a client chooses among the servers that can take a call.
 *
 * - `p2c`: power of two choices. Of two servers drawn at random, the one that is likely to answer sooner: response time,
 *   times this client's calls in flight there and this one, divided by the share of the server that it reports as free (at
 *   least 5 %). A failed call counts as in flight for as long as a success would have taken, so that a server which fails
 *   fast does not look fast. Response times are a peak EWMA with a decay of 10 s: a slow answer counts at once and fades
 *   slowly. If as many calls are in flight at both, chance decides, with odds by the cube of what a call typically takes
 *   there: equal servers share the calls of an idle client evenly, and one that is ten times as slow gets one of a thousand.
 *   A server that has not answered yet gets one call until that is back. Sources: M. Mitzenmacher, "The Power of Two
 *   Choices in Randomized Load Balancing", 2001; finagle, `P2CPeakEwma`, without the odds.
 * - `round-robin`: each server in turn.
 * - `lowest-latency`: the server with the fewest timeouts in a row and, among equals, the lowest heartbeat round trip. All
 *   clients tend to choose the same one, and keep it even if it answers with errors, unless `isFailure` counts them.
 */
export type BalancerName = 'p2c' | 'round-robin' | 'lowest-latency';

/** The budget of a client for attempts that add load to its servers, as a token bucket. */
export interface RetryBudgetOptions {
  /** Tokens that each call or event adds; they last 10 s. From 0 to 1000. @default 0.2 */
  ratio?: number | undefined;
  /** Tokens per second, however few calls there are. At least 0; `Infinity` for no bound. @default 10 */
  minPerSecond?: number | undefined;
}

/** How many servers a client watches, and which. */
export interface SubsetOptions {
  /**
   * How many servers the client watches: enough that losing one does not matter. A whole number, at least 1. Source of the
   * default: gRFC A68, `random_subsetting`. @default 20
   */
  size?: number | undefined;
  /**
   * The number of this client among the clients of its service, counted from 0 without large gaps, such as the ordinal of
   * its pod in a Kubernetes `StatefulSet`. It evens out the number of clients per server, to within a few. A whole number,
   * at least 0. @default none: the client draws its servers at random
   */
  index?: number | undefined;
}

/**
 * Options of a `FreelanceClientProxy`. All times are in milliseconds. For a value out of bounds, or an unknown option, the
 * constructor throws a `FreelanceError` `BAD_OPTIONS`.
 */
export interface FreelanceClientOptions {
  /**
   * The addresses of the servers, at least one: `tcp://host:port`, `tls://host:port`, `ipc://path` or `inproc://name`. The
   * host is a name, an IPv4 address, or an IPv6 address in brackets. A name with letters beyond ASCII is used in the form
   * of RFC 5890: `bücher.example` as `xn--bcher-kva.example`. A socket's path has at most 107 bytes (103 on macOS). An
   * address that is given twice is one server. Instead of an address, a `ServerTarget` may say more of a server.
   *
   * Or a discovery, which names the servers and those that come and go: `dnsEndpoints`, `srvEndpoints` and `fileEndpoints` of
   * `nestjs-freelance/discovery`, or one of your own. See `docs/discovery.md`.
   */
  endpoints: string | ServerTarget | readonly (string | ServerTarget)[] | EndpointDiscovery;
  /**
   * The client's name in its log lines, such as its injection token, which it cannot know by itself.
   * @default its endpoints, if there are several
   */
  name?: string | undefined;
  /**
   * The zone that this client runs in, such as `eu-west-1a`. Calls stay at servers of the same zone as far as these are healthy
   * and have room by the load that they report; the rest goes to the other zones. Routing keys and broadcasts ignore
   * zones. Of 1 to 256 bytes. @default none: zones make no difference
   */
  zone?: string | undefined;
  /**
   * The name of the service that the servers must be of. One that names another service (its option `service`) is not called:
   * its address may have been given to somebody else. Servers that name none are called. Of 1 to 256 bytes. @default none
   */
  service?: string | undefined;
  /**
   * Watches a part of the servers only, where thousands of servers and clients make heartbeats of all to all too expensive.
   * For each watched server that cannot take calls, another one is watched; when it is back, the replacement is dropped
   * after 10 s. If none of the subset can take calls, all servers are watched, so that a call finds a server while any is
   * alive. Adding or removing a server changes at most one server of a subset, or two with `index`. With the option `zone`, three
   * quarters of the subset are servers of that zone, if the list or the discovery says their zones: those that only say it
   * themselves are not known before they are watched.
   *
   * Routing keys and broadcasts need all servers: with this option they fail with `BAD_OPTIONS`. Sources: gRFC A68; P. Ward
   * et al., "Reinventing Backend Subsetting at Google", 2022. @default none: all servers are watched
   */
  subset?: SubsetOptions | undefined;
  /** The time between PINGs to each server, in ms. From 10 to 60 000, the most that servers accept. @default 1000 */
  heartbeatInterval?: number | undefined;
  /**
   * How long a server may be silent before it counts as dead, in ms. More than `heartbeatInterval`, at most 36 000 000.
   *
   * @default 3000, or three times `heartbeatInterval` if that is more
   */
  heartbeatTimeout?: number | undefined;
  /**
   * How many attempts in a row may time out at a server before it is ejected. (Failures that come as answers count by
   * `isFailure`.) An ejected server gets a call only if no other server can take it: for `heartbeatTimeout` at first, the
   * second time for twice that, the third for three times, at most 5 minutes. Then it gets one call as a trial; once it
   * answers one, its share of the calls grows for 10 s. At most half of the servers are ejected at a time, but one always may be; while less than half of each
   * priority are alive, ejected servers are used like the others. A whole number, at least 1; `Infinity` for never.
   * Source: Envoy, outlier detection, slow start and panic threshold. @default 3
   */
  maxFailures?: number | undefined;
  /**
   * The timeout of one attempt, in ms: how long it may wait for its first value. It is not the timeout of the call, which
   * is `timeout`. After it, the attempt is cancelled and the call goes to another server, never to one that may still run
   * it. If there is no other server, the attempt stays open until the call's deadline or, without one, until
   * `requestTimeout` × `maxAttempts` after the call was first sent. A call that may not run twice fails with `ETIMEDOUT`,
   * and so does one whose server speaks the basic dialect, if there is no other server. Values after the first may take any
   * time: only a deadline bounds them. At least 1. @default 5000
   */
  requestTimeout?: number | undefined;
  /**
   * How many attempts of a call may be sent, the first included. Attempts that a server refused do not count. The next
   * attempt goes to another server, or to the same one if the connection was lost since, and what it ran with it. A whole
   * number, at least 1. @default 3
   */
  maxAttempts?: number | undefined;
  /**
   * Bounds attempts that add load, so that retries do not worsen an overload. It is spent on hedges; on calls that also go
   * elsewhere because their server fell silent; on attempts after a timeout, or after the second loss of a server by one
   * call; and on the second round of a call that all servers refused. With no budget left, a call at a silent server waits
   * for that server, and any other call fails with the error it has: `ETIMEDOUT`, `ECONNRESET` or `OVERLOADED`. Calls that
   * merely move cost nothing: those that were not sent, that a server refused, and all calls of a server that was lost.
   * Source: finagle, `RetryBudget`. @default a `ratio` of 0.2 and a `minPerSecond` of 10
   */
  retryBudget?: RetryBudgetOptions | undefined;
  /**
   * How long `connect()` waits for a server, and a call in total while no server can take it, in ms. Then they fail with
   * `ECONNREFUSED`; a call fails with `OVERLOADED` if servers are alive but none has room. At least 1. @default 5000
   */
  connectTimeout?: number | undefined;
  /**
   * The ceiling of the first back-off between probes of a dead server, in ms. It is no fixed interval: each pause is drawn
   * evenly from zero to the ceiling (full jitter), and the ceiling doubles with each failed probe. It grows up to
   * `heartbeatInterval` in the first minute after the loss and while no server is usable, else up to 10 000. A probe that
   * hangs is replaced after `heartbeatTimeout`. For a server that refuses this client the ceiling always grows up to
   * 10 000. At least 1. Source: M. Brooker, "Exponential Backoff And Jitter", AWS, 2015. @default 100
   */
  reconnectInterval?: number | undefined;
  /**
   * Decides whether the server is to blame for an error of a call. A server is ejected, as by `maxFailures`, if its share of
   * such failures exceeds that of the other servers by 50 percentage points over at least 20 calls of the last 30 s; the
   * last server never is. It gets the error as the caller does, after the `deserializer`, for each failed call and for each
   * attempt that timed out. It must return a boolean synchronously; if it throws, that is logged, and the server is not to
   * blame.
   *
   * By default servers are to blame for what Nest reports as "Internal server error", which is any unexpected exception of
   * a handler, for replies that cannot be read (`PROTOCOL`), and for timeouts (`ETIMEDOUT`), those of a call's own deadline
   * included. An `RpcException` of a handler is an answer. `() => false` for never. Source: gRFC A50, outlier detection.
   */
  isFailure?: ((error: unknown) => boolean) | undefined;
  /** How a server is chosen among those that can take a call: a name, or an object of yours. @default 'p2c' */
  balancer?: BalancerName | Balancer | undefined;
  /**
   * The deadline of every call and event, over all its attempts and values, in ms. `setTimeout` of a record overrides it.
   * From 1 to 9 007 199 254 740 991; `Infinity` for none. @default Infinity
   */
  timeout?: number | undefined;
  /**
   * Whether calls and events may run twice. `setIdempotent` of a record overrides it. If not, one whose server is lost fails
   * with `ECONNRESET`, and one without an answer in time with `ETIMEDOUT`. @default true
   */
  idempotent?: boolean | undefined;
  /** Metadata of every call and event. A record's own metadata overrides the same keys. @default none */
  metadata?: Metadata | undefined;
  /**
   * Serializes whole packets, `{ pattern, data }`: to another such packet, or to bytes or text that only the servers'
   * `deserializer` reads. May be asynchronous. Without a serializer bytes are sent as bytes, strings as text, and all else
   * as JSON. @default none
   */
  serializer?: Serializer | undefined;
  /**
   * The counterpart of the servers' `serializer`: returns a packet, `{ response }` or `{ err }`. May be asynchronous.
   * @default none
   */
  deserializer?: Deserializer | undefined;
  /**
   * The implementation of ZMTP, the wire protocol of ZeroMQ: `node` is this library's own, over Node's sockets; `libzmq` is
   * the ZeroMQ project's library, by the package `zeromq`. They are compatible on the wire, but `inproc://` connects only
   * sockets of the same engine and thread. See `docs/engines.md`. The environment variable `FREELANCE_CLIENT_ENGINE` sets
   * the default. @default node
   */
  engine?: FreelanceEngine | undefined;
  /**
   * The client's credentials, and how it recognizes its servers: see `FreelanceClientSecurity` and `docs/security.md`. Not
   * for `inproc://`, which never leaves the process. @default none
   */
  security?: FreelanceClientSecurity | undefined;
  /**
   * How many calls and events may be open at once, including those that wait for a server. The next one fails with
   * `OVERLOADED`. A whole number, at least 1; `Infinity` for no bound. @default 10000
   */
  maxPending?: number | undefined;
  /**
   * How many calls and events this client may have in flight at one server, so that a slow server does not hold all of
   * `maxPending`. Further ones go to other servers, or wait for up to `connectTimeout`. A whole number, at least 1;
   * `Infinity` for no bound, as `p2c` avoids slow servers anyway. @default Infinity
   */
  maxPendingPerServer?: number | undefined;
  /**
   * The largest data of a call or event that is sent, and the largest value that is received, in bytes on the wire. A call
   * with more data fails at once with `EMSGSIZE`, also if it is the server that accepts less. A server that sends a larger
   * value loses its connection; servers of this library know the limit and answer with an error instead. A whole number
   * from 1 048 576, the size of a PACK, to 2 147 483 647. @default 16777216 (16 MiB)
   */
  maxMessageSize?: number | undefined;
}

/** The options of a call that its record does not set. */
export interface CallDefaults {
  readonly requestTimeout: number;
  readonly maxAttempts: number;
  readonly timeout: number;
  readonly idempotent: boolean;
  readonly metadata: Metadata;
}

export interface ResolvedClientOptions {
  readonly name: string | undefined;
  /** Names the servers; undefined if the options list them. */
  readonly discovery: EndpointDiscovery | undefined;
  readonly agent: Omit<ClientAgentOptions, 'balancer' | 'isFailure'>;
  /** The user's, which may throw, or the default. */
  readonly isFailure: IsFailure;
  /** Makes a balancer: each agent has its own, as balancers keep state. */
  readonly balancer: () => Balancer;
  readonly calls: CallDefaults;
  readonly engine: FreelanceEngine;
  readonly security: ClientSecurity | undefined;
  readonly codec: PacketCodec;
}

/** The highest ceiling of the back-off between probes. */
const MAX_BACKOFF_MS = 10_000;

/** Ten hours. A larger value is a mistaken unit. */
const MOST_SILENCE_MS = 36_000_000;

/** @throws FreelanceError `BAD_OPTIONS` */
export function resolveClientOptions(options: FreelanceClientOptions): ResolvedClientOptions {
  const read = new OptionReader<FreelanceClientOptions>('FreelanceClientProxy', options, [
    'endpoints',
    'name',
    'zone',
    'service',
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
  const discovery = readDiscovery('FreelanceClientProxy', options.endpoints);
  const targets = discovery ? [] : readTargets('FreelanceClientProxy', options.endpoints);
  const endpoints = targets.map(({ endpoint }) => endpoint);
  const security = readClientSecurity(read, options.security, discovery ? undefined : endpoints);
  for (const endpoint of endpoints) {
    const must = misfitOf(endpoint, security?.mechanism);
    if (must !== undefined) throw read.bad('endpoints', must, endpoint);
  }
  return {
    name: read.isGiven('name') ? read.text('name', '') : undefined,
    discovery,
    agent: {
      clientId: randomUUID(),
      targets,
      zone: read.isGiven('zone') ? read.text('zone', '') : undefined,
      service: read.isGiven('service') ? read.text('service', '') : undefined,
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
