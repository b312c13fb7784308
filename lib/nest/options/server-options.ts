import { hostname } from 'node:os';
import type { Deserializer, Serializer } from '@nestjs/microservices';
import type { ServerAgentOptions } from '../../agents/server/server-agent.js';
import type { ServerSecurity } from '../../security/doorkeeper.js';
import { LEAST_WEIGHT, MOST_WEIGHT } from '../../protocol/hello.js';
import type { PacketCodec } from '../packet-codec.js';
import type { FreelanceEngine } from '../../sockets/engine.js';
import { DEFAULT_MAX_CONNECTIONS } from '../../sockets/engine-options.js';
import { misfitOf, readBindAddress } from './addresses.js';
import { readEngine } from './engine.js';
import { readGuideIdentity } from './guide-identity.js';
import { MESSAGE_SIZE, type NumberRule, OptionReader } from './option-reader.js';
import {
  type FreelanceServerSecurity,
  namesItsClients,
  readServerSecurity,
} from './server-security.js';

/**
 * Options of a `FreelanceTransportServer`. All times are in milliseconds. For a value out of bounds, or an unknown option,
 * the constructor throws a `FreelanceError` `BAD_OPTIONS`.
 */
export interface FreelanceServerOptions {
  /**
   * The addresses to listen at, at least one: `tcp://host:port`, `tls://host:port`, `ipc://path` or `inproc://name`. The
   * host `*` is every interface. The port `*` is a free port, which `server.endpoints` has then.
   */
  bind: string | readonly string[];
  /**
   * The server's name for its clients' logs and statistics, of 1 to 256 bytes. @default `<host name>-<process id>`
   */
  serverId?: string | undefined;
  /**
   * The name of the service that the server is a part of. A client that looks for another one by its option `service` does not
   * call it. Of 1 to 256 bytes. @default none: any client calls it
   */
  service?: string | undefined;
  /**
   * The zone that the server runs in, such as `eu-west-1a`: clients of the same zone prefer it. Of 1 to 256 bytes. What a
   * client's list or discovery says of the server goes first. @default none
   */
  zone?: string | undefined;
  /**
   * Its share of the calls, relative to the other servers: one of weight 2 gets twice as many as one of weight 1. From 0.001 to
   * 1 000 000. What a client's list or discovery says of the server goes first. @default 1
   */
  weight?: number | undefined;
  /**
   * How many calls and events run at once; a stream runs until it ends. Further ones wait for a place. A whole number from
   * 1 to 1 000 000. @default 1024
   */
  maxConcurrency?: number | undefined;
  /**
   * How many of those places one client may hold, so that no hostile or broken client takes all. With `security` a client is
   * an authenticated key or username, with all its connections; without, or if it is anonymous, a connection. Its further
   * calls wait even while places are free. It may have the same share of `maxQueue`; the rest is refused as `busy`. A
   * cancelled call holds its place until its handler has ended. Compare `SETTINGS_MAX_CONCURRENT_STREAMS` of HTTP/2. A
   * whole number from 1 to 1 000 000. @default seven eighths of `maxConcurrency`, rounded up: 896
   */
  maxConcurrencyPerClient?: number | undefined;
  /**
   * How many clients the server remembers: who they are and what they support. A further client replaces the one that has
   * nothing open and has been silent the longest; that one is remembered again at its next PING. Clients with open calls
   * are kept, and count. A whole number from 1 to 1 000 000. @default 10000
   */
  maxClients?: number | undefined;
  /**
   * How many of those clients may be connections of one authenticated key or username. A further connection replaces another
   * one of the same key only. It needs `security`, and does not apply to anonymous clients. Give less than the default where
   * keys belong to different owners that run few processes each: libzmq cannot end connections, so this bounds what is
   * remembered for them. With the engine `node` it also bounds the connections themselves: of each key, or, without security
   * or client certificates, of all clients together. A further connection is refused, and may try again. A whole number from
   * 1 to 1 000 000. @default seven eighths of `maxClients`, rounded up: 8750; of connections 10000
   */
  maxConnections?: number | undefined;
  /**
   * How many calls and events may wait for a place. Further ones are refused as `busy`: clients of this library take them to
   * another server, and they fail with `OVERLOADED` if all servers refuse; clients of the older dialects get an error. A
   * whole number from 0 to 1 000 000. @default 1024, which arrives within 100 ms at 10 000 calls per second
   */
  maxQueue?: number | undefined;
  /**
   * How long a call or event may wait for a place, in ms; then it is refused as `busy`, so that its client takes it
   * elsewhere. While the queue has not been empty for that long, or most calls are refused, it is a standing queue, which
   * adds delay and no throughput: new calls wait for a twentieth of this time, and those that would wait in vain are refused
   * at once. Source of the rule and its default: B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015. Give more where places
   * are few and handlers slow: with `maxConcurrency: 1` and handlers of 1 s, the default refuses nearly all calls. Calls of
   * the older dialects, which cannot be taken elsewhere, wait on. At least 1; `Infinity` for no bound. @default 100
   */
  maxQueueWait?: number | undefined;
  /**
   * How long `close()` may take to answer the calls, and run the events, that the server has accepted, in ms; what still
   * runs then is stopped. 0 stops it at once. From 0 to 3 600 000. Whatever stops the process has to allow for it: Kubernetes
   * waits for 30 s, Docker for 10 s. @default 10000
   */
  drainTimeout?: number | undefined;
  /**
   * How long the outcome of a call or event is remembered after its end, in ms: one of the same id over the same connection
   * gets the same answer and does not run again. Only for clients of other languages that resend a call under its old id;
   * clients of this library never do, and ZeroMQ delivers a message once. The latest 10 000 outcomes are kept, in at most
   * 16 MiB with their ids, of which one client may use 7/8. Streams, and answers of more than 1 MiB, are not kept: such a
   * call gets an error when it comes again. From 0, for none, to 3 600 000. @default 0
   */
  replayWindow?: number | undefined;
  /**
   * The largest data of a call or event that is received, and the largest value that is sent, in bytes on the wire. A client
   * that sends more loses its connection; clients of this library know the limit and do not. A reply that is larger, or
   * larger than its client accepts, becomes an error for the caller. What is received is parsed synchronously, and JSON made
   * for it can block the event loop for more than 100 ms per MiB: where clients may be hostile, set 1 MiB. A whole number
   * from 1 048 576, the size of a PACK, to 2 147 483 647. @default 16777216 (16 MiB)
   */
  maxMessageSize?: number | undefined;
  /**
   * The implementation of ZMTP, the wire protocol of ZeroMQ: `node` is this library's own, over Node's sockets; `libzmq` is
   * the ZeroMQ project's library, by the package `zeromq`. They are compatible on the wire, but `inproc://` connects only
   * sockets of the same engine and thread. See `docs/engines.md`. The environment variable `FREELANCE_SERVER_ENGINE` sets
   * the default. @default node
   */
  engine?: FreelanceEngine | undefined;
  /**
   * Also serves clients of Freelance Model Three of the ZeroMQ guide (RFC 10/FLP): this is the string that they connect to,
   * character for character, such as `tcp://10.0.0.1:5555`, and need not be one of the addresses in `bind`. They address a
   * server by it, so the ROUTER of this server gets it as its routing id, and no two servers may have the same. Their dialect
   * is in PROTOCOL.md: a request of several frames reaches the handler of `REQUEST` as an array of strings. Clients of all
   * other dialects are served as before. From 1 to 255 bytes, the first of them not zero.
   * @default none: messages of such clients are counted in `stats().dropped` as `no-delimiter`
   */
  guideIdentity?: string | undefined;
  /**
   * Who may call, and whether connections are encrypted: see `FreelanceServerSecurity` and `docs/security.md`. Not for
   * `inproc://`, which never leaves the process. Without it, everybody who can reach the server may call; the log warns if
   * other machines can. @default none
   */
  security?: FreelanceServerSecurity | undefined;
  /**
   * Whether clients may ask what this server is, offers and does, by the reserved patterns `$freelance.info` and
   * `$freelance.stats`: `npx nestjs-freelance info` and `top` do. Guards and other parts of Nest's pipeline do not apply to
   * them. Without it, they have no handler. See `docs/observability.md`, "Introspection".
   *
   * @default true if every address that is bound is loopback, `ipc://` or `inproc://`, or if `security` admits only clients
   *   that you name or judge: `authorizedClients` or `authorizedUsers` is not `'any'`, and `allowAnonymous` is not true
   */
  introspection?: boolean | undefined;
  /**
   * Serializes whole packets, `{ response }` or `{ err }`: to another such packet, or to bytes or text that only the
   * clients' `deserializer` reads. May be asynchronous, and may take 10 s. Without a serializer bytes are sent as bytes,
   * strings as text, and all else as JSON. @default none
   */
  serializer?: Serializer | undefined;
  /**
   * The counterpart of the clients' `serializer`: returns a packet, `{ pattern, data }`. May be asynchronous, and may take
   * 10 s. @default none
   */
  deserializer?: Deserializer | undefined;
}

export interface ResolvedServerOptions {
  readonly bind: readonly string[];
  readonly agent: Omit<ServerAgentOptions, 'readinessInterval'>;
  readonly drainTimeout: number;
  /** For the engine `node`: its default differs from what the agent remembers. */
  readonly maxConnections: number;
  readonly engine: FreelanceEngine;
  /** The routing id of the ROUTER, if there are clients of the guide. */
  readonly guideIdentity: string | undefined;
  readonly security: ServerSecurity | undefined;
  /** `local`: only if no other machine can reach any of the addresses that are bound. */
  readonly introspection: boolean | 'local';
  readonly codec: PacketCodec;
}

/** More than any process can hold: each needs a few hundred bytes and its data. */
const MOST_JOBS = 1_000_000;

/** The rest is for other clients, so that a greedy one cannot keep them out. */
const ONE_CLIENTS_SHARE = 7 / 8;

/** An hour. A larger value is a mistaken unit. */
const MOST_MS = 3_600_000;

/** @throws FreelanceError `BAD_OPTIONS` */
export function resolveServerOptions(options: FreelanceServerOptions): ResolvedServerOptions {
  const read = new OptionReader<FreelanceServerOptions>('FreelanceTransportServer', options, [
    'bind',
    'serverId',
    'service',
    'zone',
    'weight',
    'maxConcurrency',
    'maxConcurrencyPerClient',
    'maxClients',
    'maxConnections',
    'maxQueue',
    'maxQueueWait',
    'drainTimeout',
    'replayWindow',
    'maxMessageSize',
    'engine',
    'guideIdentity',
    'security',
    'introspection',
    'serializer',
    'deserializer',
  ]);
  const bind = read.addresses('bind', readBindAddress, 'tcp://0.0.0.0:5555');
  const security = readServerSecurity(read, options.security);
  for (const address of bind) {
    const must = misfitOf(address, security?.own.mechanism);
    if (must !== undefined) throw read.bad('bind', must, address);
  }
  const maxConcurrency = read.number('maxConcurrency', count(1, 1024));
  const maxClients = read.number('maxClients', count(1, 10_000));
  return {
    bind,
    agent: {
      serverId: read.text('serverId', `${hostname()}-${process.pid}`),
      traits: {
        ...(read.isGiven('service') && { service: read.text('service', '') }),
        ...(read.isGiven('zone') && { zone: read.text('zone', '') }),
        ...(read.isGiven('weight') && {
          weight: read.number('weight', { min: LEAST_WEIGHT, max: MOST_WEIGHT, default: 1 }),
        }),
      },
      maxConcurrency,
      maxConcurrencyPerClient: read.number(
        'maxConcurrencyPerClient',
        count(1, shareOf(maxConcurrency)),
      ),
      maxClients,
      maxConnections: read.number('maxConnections', count(1, shareOf(maxClients))),
      maxQueue: read.number('maxQueue', count(0, 1024)),
      maxQueueWait: read.number('maxQueueWait', { min: 1, default: 100, infinite: true }),
      maxMessageSize: read.number('maxMessageSize', MESSAGE_SIZE),
      replayWindow: read.number('replayWindow', { min: 0, max: MOST_MS, default: 0 }),
    },
    maxConnections: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    drainTimeout: read.number('drainTimeout', { min: 0, max: MOST_MS, default: 10_000 }),
    engine: readEngine(read, 'FREELANCE_SERVER_ENGINE', security?.own.mechanism),
    guideIdentity: readGuideIdentity(read, options.guideIdentity),
    security,
    introspection: read.isGiven('introspection')
      ? read.flag('introspection', false)
      : namesItsClients(options.security) || 'local',
    codec: read.codec(),
  };
}

function shareOf(all: number): number {
  return Math.ceil(all * ONE_CLIENTS_SHARE);
}

function count(min: number, fallback: number): NumberRule {
  return { min, max: MOST_JOBS, default: fallback, integer: true };
}
