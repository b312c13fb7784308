import { hostname } from 'node:os';
import type { Deserializer, Serializer } from '@nestjs/microservices';
import type { ServerAgentOptions } from '../../agents/server/server-agent.js';
import type { ServerSecurity } from '../../security/doorkeeper.js';
import type { PacketCodec } from '../packet-codec.js';
import type { FreelanceEngine } from '../../sockets/engine.js';
import { DEFAULT_MAX_CONNECTIONS } from '../../sockets/engine-options.js';
import { misfitOf, readBindAddress } from './addresses.js';
import { readEngine } from './engine.js';
import { MESSAGE_SIZE, type NumberRule, OptionReader } from './option-reader.js';
import { type FreelanceServerSecurity, readServerSecurity } from './server-security.js';

/**
 * Options of a `FreelanceTransportServer`. A wrong value, or an option that there is not, makes the
 * constructor throw a `FreelanceError` `BAD_OPTIONS`.
 */
export interface FreelanceServerOptions {
  /**
   * Where to listen, at least one of `tcp://host:port`, `tls://host:port`, `ipc://path` and `inproc://name`. The host `*`
   * stands for every interface, the port `*` for a free one, which `server.endpoints` then tells.
   */
  bind: string | readonly string[];
  /**
   * The name that this server gives itself in its PONGs, of 1 to 256 bytes. @default `<host name>-<process id>`
   */
  serverId?: string | undefined;
  /**
   * How many calls and events run at once; a stream runs until it ends. Further ones wait for a place. A
   * whole number from 1 to 1 000 000. @default 1024
   */
  maxConcurrency?: number | undefined;
  /**
   * How many of those one client may have, so that none takes all of them, be it hostile or broken. With `security`
   * that is an authenticated key, or username, and all its connections together; without it, or where a client is
   * anonymous, a connection. Further ones of it wait, though there are places. It may have the same share of `maxQueue`; what is
   * beyond that is refused as `busy`. A call that was cancelled holds its place until its handler has ended.
   * What HTTP/2 calls `SETTINGS_MAX_CONCURRENT_STREAMS`. A whole number from 1 to 1 000 000.
   * @default seven eighths of `maxConcurrency`, rounded up: 896
   */
  maxConcurrencyPerClient?: number | undefined;
  /**
   * How many clients the server remembers: who they are, and what they can do. One more takes the place of one
   * that has nothing open and was not heard for long, which is remembered again when it next pings. Those that
   * have something open stay, and count. A whole number from 1 to 1 000 000. @default 10000
   */
  maxClients?: number | undefined;
  /**
   * How many of those may be connections of one authenticated key, or username: one more takes the place of
   * another of the same key, and of nobody else. Only with `security`, and not of anonymous clients. Give less than
   * the default where keys are of different owners, and each runs few processes: libzmq cannot end connections, so
   * this bounds what is remembered for them. With the engine `node` it bounds the connections, too: a further one of that
   * key, and without security, or certificates of clients, a further one at all, is refused, and may try again. A whole number from 1 to 1 000 000.
   * @default seven eighths of `maxClients`, rounded up: 8750; of connections 10000
   */
  maxConnections?: number | undefined;
  /**
   * How many calls and events may wait for a place. The next ones are refused as `busy`: clients of this
   * library take them to another server, and if all refuse they fail with `OVERLOADED`; those of the older
   * dialects get an error. A whole number from 0 to 1 000 000. @default 1024, which is what arrives within
   * 100 ms at 10 000 calls per second
   */
  maxQueue?: number | undefined;
  /**
   * How long a call or an event may wait for a place, in ms; then it is refused as `busy`, so that its client
   * takes it elsewhere. While the queue is never empty for longer than that, or most are refused, it stands:
   * those that join it wait for a twentieth of it, and those that would wait in vain are refused at once.
   * The rule and its default are those of B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015. Give more where there are few places and handlers that are slow: with
   * `maxConcurrency: 1` and handlers of 1 s, the default turns nearly all away. Calls of the older dialects,
   * which cannot be taken elsewhere, wait on. A number from 1, or `Infinity` for no bound. @default 100
   */
  maxQueueWait?: number | undefined;
  /**
   * How long a server that is closed may take to answer the calls, and run the events, that it has accepted,
   * in ms; then it leaves without. 0 leaves at once. From 0 to 3 600 000. Whoever stops the process has to
   * wait longer: Kubernetes does for 30 s, Docker for 10 s. @default 10000
   */
  drainTimeout?: number | undefined;
  /**
   * How long after its end a call or an event is remembered, in ms: one of the same id over the same
   * connection is answered as before and does not run again. For clients of other languages that send a
   * call again under its old id: those of this library never do, and ZeroMQ delivers a message once. At
   * most 10 000 outcomes are kept, in at most 16 MiB with their ids and all, the latest, and of one client 7/8 of
   * that; streams, and answers of more than
   * 1 MiB, are not kept, and such a call that comes again gets an error. From 0, which remembers nothing,
   * to 3 600 000. @default 0
   */
  replayWindow?: number | undefined;
  /**
   * The largest data of a call or an event that is taken, and the largest value that is sent, in bytes as
   * they travel. ZeroMQ ends the connection of a client that sends more; those of this library know what this
   * server takes, and do not. A reply with more, or with more than its client says that it takes, becomes an
   * error to the caller. What is taken is parsed at once, and JSON made for it can hold the event loop for more
   * than 100 ms per MiB: where clients may be hostile, take 1 MiB. A whole number from 1 048 576, which a PACK may have, to
   * 2 147 483 647. @default 16777216 (16 MiB)
   */
  maxMessageSize?: number | undefined;
  /**
   * What speaks ZMTP, the wire of ZeroMQ: `node` is this library itself, over Node's sockets; `libzmq` is the ZeroMQ
   * project's own library, by the package `zeromq`. Both speak the same wire, but `inproc://` reaches only sockets of the
   * same engine, and of the same thread. See `docs/engines.md`. The environment variable `FREELANCE_SERVER_ENGINE` sets the default.
   * @default node
   */
  engine?: FreelanceEngine | undefined;
  /**
   * Who may call, and whether the connections are encrypted: see `FreelanceServerSecurity`, and the page
   * `docs/security.md`. Not for `inproc://`, which never leaves the process. Without it everybody may call who
   * can reach the server, and it warns in the log if that may be other machines. @default none
   */
  security?: FreelanceServerSecurity | undefined;
  /**
   * Makes of a whole packet, `{ response }` or `{ err }`, another one, or bytes or text that only the
   * clients' `deserializer` reads. May be asynchronous. Without one, bytes travel as bytes, strings as
   * text, and all else as JSON. @default none
   */
  serializer?: Serializer | undefined;
  /**
   * The counterpart of the clients' `serializer`: makes a packet, `{ pattern, data }`, of what that made.
   * May be asynchronous. @default none
   */
  deserializer?: Deserializer | undefined;
}

export interface ResolvedServerOptions {
  readonly bind: readonly string[];
  readonly agent: Omit<ServerAgentOptions, 'readinessInterval'>;
  readonly drainTimeout: number;
  /** What the engine `node` takes, beside what the agent remembers. */
  readonly maxConnections: number;
  readonly engine: FreelanceEngine;
  readonly security: ServerSecurity | undefined;
  readonly codec: PacketCodec;
}

/** More than any process can hold: each is a few hundred bytes and its data. */
const MOST_JOBS = 1_000_000;

/** The rest is for the others: one client that takes what it can does not keep them out. */
const ONE_CLIENTS_SHARE = 7 / 8;

/** An hour: whoever means more has mistaken the unit. */
const MOST_MS = 3_600_000;

/** @throws FreelanceError `BAD_OPTIONS` */
export function resolveServerOptions(options: FreelanceServerOptions): ResolvedServerOptions {
  const read = new OptionReader<FreelanceServerOptions>('FreelanceTransportServer', options, [
    'bind',
    'serverId',
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
    'security',
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
    security,
    codec: read.codec(),
  };
}

function shareOf(all: number): number {
  return Math.ceil(all * ONE_CLIENTS_SHARE);
}

function count(min: number, fallback: number): NumberRule {
  return { min, max: MOST_JOBS, default: fallback, integer: true };
}
