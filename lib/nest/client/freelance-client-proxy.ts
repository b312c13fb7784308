import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { CallObserver } from '../../agents/client/call.js';
import { connectable, defer, Observable, Subject } from 'rxjs';
import type { BroadcastObserver } from '../../agents/client/broadcast.js';
import type { BroadcastOutcome } from '../../agents/client/broadcast-outcome.js';
import { ClientAgent } from '../../agents/client/client-agent.js';
import type { ClientStats } from '../../agents/client/client-stats.js';
import { describeBroadcast } from '../../agents/client/describe-broadcast.js';
import { boundListener } from '../../async-context.js';
import { systemEnvironment } from '../../agents/clock.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { shareInstances } from '../../core/shared-instances.js';
import type { Pattern } from '../../protocol/headers.js';
import { isCurveKey } from '../../security/curve-keys.js';
import { ClientCredentials } from '../../security/client-credentials.js';
import { socketsOf } from '../../sockets/engine.js';
import { guardedBlame } from './blame.js';
import { broadcastReport } from './broadcast-report.js';
import { recordOf, signalsOf, timeoutOf } from './call-options.js';
import { createPacket } from './create-packet.js';
import { callRequest, type DispatchedPacket } from './call-request.js';
import { ClientCall } from './client-call.js';
import { clientObserver, type FreelanceClientEvents } from './client-observer.js';
import type { FreelanceStatus } from '../freelance-transport.js';
import { BoundedLog } from '../bounded-log.js';
import { guarded } from '../listener.js';
import { inContextOfSubscriber } from './in-context.js';
import { PacedRecord, PacedValues } from './paced-values.js';
import { misfitOf, readEndpoint, shownAddress } from '../options/addresses.js';
import {
  type FreelanceClientOptions,
  type ResolvedClientOptions,
  resolveClientOptions,
} from '../options/client-options.js';

/**
 * Calls freelance servers: knows several, watches them by heartbeats, routes each call to the best
 * one, and moves it by itself if that one dies.
 *
 * ```ts
 * ClientsModule.register([{
 *   name: 'MATH',
 *   customClass: FreelanceClientProxy,
 *   options: { endpoints: ['tcp://10.0.0.1:5555', 'tcp://10.0.0.2:5555'] },
 * }])
 * ```
 *
 * What a call or an event fails with is a `FreelanceError`, whose `code` tells the cases apart; or what
 * the handler threw, as Nest's other transports deliver it; or a `TypeError` if its data cannot be
 * written as JSON; or Nest's `InvalidMessageException` if pattern or data is `null` or `undefined`.
 */
export class FreelanceClientProxy extends ClientProxy<FreelanceClientEvents> {
  static {
    shareInstances(this, 'FreelanceClientProxy');
  }

  readonly #logger = new Logger(FreelanceClientProxy.name);
  readonly #log = new BoundedLog(() => this.#logger, CLIENT_LOG);
  readonly #options: ResolvedClientOptions;
  readonly #endpoints: Set<string>;
  readonly #credentials: ClientCredentials | undefined;
  readonly #events = new EventEmitter();
  readonly #hookFailed = (error: unknown): void => this.#log.error('hook', error);
  #agent: ClientAgent | undefined;

  /** @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value */
  constructor(options: FreelanceClientOptions) {
    super();
    this.#options = resolveClientOptions(options);
    const { security } = this.#options;
    this.#credentials = security && new ClientCredentials(security, randomBytes);
    this.#endpoints = new Set(this.#options.agent.endpoints);
  }

  /**
   * Resolves once a server can be called. Nest calls it before every call, so it need not be called by
   * hand. May be called any number of times.
   *
   * @throws FreelanceError `ECONNREFUSED` if none has answered after `connectTimeout`; the next call
   *   tries again
   * @throws FreelanceError `UNAUTHORIZED` as soon as every server has refused this client
   * @throws FreelanceError `OVERLOADED` if no server can be called, and `maxPending` calls are open already
   * @throws FreelanceError `CLOSED` if the client is closed meanwhile
   */
  connect(): Promise<void> {
    return this.#agentInUse().connect();
  }

  /**
   * Fails what is open with `CLOSED`, and disconnects from every server. May be called at any time;
   * `connect()`, or the next call, opens anew.
   */
  close(): void {
    const agent = this.#agent;
    this.#agent = undefined;
    agent?.close();
    if (agent) this._status$.next('disconnected');
  }

  /**
   * Adds a server while the client runs; nothing changes if it is known already.
   *
   * @param endpoint an address as in the option `endpoints`
   * @param serverKey its public key, if the client has CURVE and the option `security.serverKey` has another
   *   one for it, or none; kept until the endpoint is added with a further one
   * @throws FreelanceError `BAD_OPTIONS` if it is not an address, or there is no key for it
   */
  addEndpoint(endpoint: string, serverKey?: string): void {
    const read = readEndpoint(endpoint);
    if ('wrong' in read) {
      const got = `${shownAddress(endpoint)}: ${read.wrong}`;
      throw new FreelanceError(
        'BAD_OPTIONS',
        `addEndpoint takes an address like tcp://10.0.0.1:5555, but got ${got}.`,
      );
    }
    const { address } = read;
    this.#learnKey(address, serverKey);
    this.#endpoints.add(address);
    this.#agent?.addEndpoint(address);
  }

  /**
   * Takes a server out of use while the client runs; nothing changes if it is not known. Calls that it
   * has are still answered.
   *
   * @param endpoint the address, as it was given
   */
  removeEndpoint(endpoint: string): void {
    const read = readEndpoint(endpoint);
    if ('wrong' in read) return;
    this.#endpoints.delete(read.address);
    this.#agent?.removeEndpoint(read.address);
  }

  /** `connected` while there is a server to call, then `disconnected`. Tells the latest at once. */
  override get status(): Observable<FreelanceStatus> {
    // Nest's `customClass` takes only classes whose status is typed as any string.
    return inContextOfSubscriber(super.status as Observable<FreelanceStatus>);
  }

  /** Calls back whenever a server has changed its state. */
  override on<Event extends keyof FreelanceClientEvents>(
    event: Event,
    callback: FreelanceClientEvents[Event],
  ): void {
    const failed = (error: unknown) => this.#log.error('listener', error);
    this.#events.on(event, boundListener(guarded(callback, failed)));
  }

  /**
   * What is known of each server, how many calls are open, and what had to be dropped. Empty before the
   * first call or `connect()`, and after `close()`.
   */
  stats(): ClientStats {
    return this.#agent?.stats() ?? NO_STATS();
  }

  /**
   * The socket of each endpoint, as a `Map`: Node's `net.Socket`, with TLS `tls.TLSSocket`; with the engine `libzmq` the
   * `Dealer` of zeromq.js. Every new connection has another one; a server has none, `undefined`, while it rests from being
   * probed, and a connection of the engine `node` before it is made, or over `inproc://`.
   *
   * @throws Error before the first call or `connect()`, and after `close()`
   */
  unwrap<T>(): T {
    if (!this.#agent) throw new Error('The client is not connected: there is nothing to unwrap.');
    return this.#agent.unwrap() as T;
  }

  /**
   * The values of a call for `for await`, with backpressure: the server is asked for more only as they
   * are read, and runs ahead by at most 1024 values or, where that is less, about 8 MiB (but 16 values
   * at first); of a broadcast, so does each server. The call is made when the first value is asked for;
   * leaving the loop cancels it, also while a value is waited for.
   *
   * ```ts
   * for await (const row of client.iterate<Row>('rows', query)) await store(row);
   * ```
   *
   * @param pattern text, or an object as Nest takes it
   * @param data what the handler gets, or a `FreelanceRecord` of it
   * @throws what the call fails with, as by `send`, from the loop
   */
  iterate<T>(pattern: unknown, data: unknown): AsyncGenerator<T, void, undefined> {
    const { data: value, options } = recordOf(data);
    return new PacedValues(new PacedRecord(value, options), (record) =>
      this.send<T>(pattern, record),
    );
  }

  /**
   * Calls a handler, once for every subscription. Unsubscribing cancels the call and stops its handler.
   * Its values are read as they come, at whatever speed: for backpressure see `iterate`.
   *
   * @param pattern text, or an object as Nest takes it
   * @param data what the handler gets, or a `FreelanceRecord` of it
   * @returns the values of the handler, then its end; or the error that the call failed with
   */
  // Not Nest's own, which lets each call wait in `connect()` before it lets it begin: here a call begins when it is
  // subscribed to, so that it counts as pending, has its deadline, and waits in its turn. `publish` is called once
  // for each subscription, as Nest does.
  // oxlint-disable-next-line typescript/no-explicit-any -- Nest's signature: callers count on it
  override send<TResult = any, TInput = any>(pattern: any, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) return super.send<TResult, TInput>(pattern, data);
    return new Observable((subscriber) =>
      this.publish(this.#packet(pattern, data), this.createObserver(subscriber)),
    );
  }

  /**
   * Sends an event to one server, or by `setBroadcast` to all of them, at once, whether or not anyone
   * subscribes. It is tried again as a call is: so that no handler gets it twice, `setIdempotent(false)`.
   *
   * @param pattern text, or an object as Nest takes it
   * @param data what the handlers get, or a `FreelanceRecord` of it
   * @returns `undefined`, then its end, once a server has accepted the event, not when its handlers have
   *   ended (of the older dialects, when a handler has answered); of a broadcast, a `BroadcastReport`; or
   *   the error that it failed with
   */
  // As `send`. What is subscribed to at once is a `Subject`, as Nest's: who comes late hears the end alone.
  // oxlint-disable-next-line typescript/no-explicit-any -- Nest's signature: callers count on it
  override emit<TResult = any, TInput = any>(pattern: any, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) return super.emit<TResult, TInput>(pattern, data);
    const event = connectable(
      defer(() => this.dispatchEvent<TResult>(this.#packet(pattern, data))),
      { connector: () => new Subject<TResult>(), resetOnDisconnect: false },
    );
    event.connect();
    return inContextOfSubscriber(event);
  }

  /** @returns ends it, wherever it stands */
  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const agent = this.#agentInUse();
    const { codec, calls } = this.#options;
    const record = recordOf(packet.data);
    const { data, options } = record;
    const isPaced = record instanceof PacedRecord;
    const call = new ClientCall(callback, agent, codec, {
      timeout: timeoutOf(options, calls),
      signals: signalsOf(options),
      isAnswered: true,
      isPaced,
      send: (ready, timeout, answers) => {
        // What waits for a deserializer is bounded, too.
        const paced = isPaced || codec.deserializes;
        const request = callRequest('request', ready, options, calls, { timeout, paced });
        const handle = options.broadcast
          ? agent.broadcast(request, broadcastTo(answers, request.pattern))
          : agent.call(request, answers);
        if (isPaced) record.handle = handle;
        return handle;
      },
    });
    call.start(dispatched(packet, data));
    return () => call.leave();
  }

  /** Resolves once a server has accepted the event; of a broadcast, with who has. */
  protected dispatchEvent<T = unknown>(packet: ReadPacket): Promise<T> {
    const agent = this.#agentInUse();
    const { codec, calls } = this.#options;
    return new Promise<unknown>((resolve, reject) => {
      const { data, options } = recordOf(packet.data);
      let outcomes: readonly BroadcastOutcome[] | undefined;
      const callback = ({ err, isDisposed }: WritePacket) => {
        if (err) reject(err);
        else if (isDisposed) resolve(outcomes && broadcastReport(outcomes));
      };
      const event = new ClientCall(callback, agent, codec, {
        timeout: timeoutOf(options, calls),
        signals: signalsOf(options),
        isAnswered: false,
        isPaced: false,
        send: (ready, timeout, answers) => {
          const request = callRequest('event', ready, options, calls, { timeout });
          if (!options.broadcast) return agent.call(request, answers);
          return agent.broadcast(request, {
            next() {},
            done: (all) => {
              outcomes = all;
              answers.complete();
            },
            error: (error) => answers.error(error),
          });
        },
      });
      event.start(dispatched(packet, data));
    }) as Promise<T>;
  }

  #packet(pattern: unknown, data: unknown): ReadPacket {
    return createPacket(this, pattern, data, this.#hookFailed);
  }

  #learnKey(endpoint: string, serverKey: string | undefined): void {
    const wrong = this.#whatIsWrongWithKey(endpoint, serverKey);
    if (wrong) throw new FreelanceError('BAD_OPTIONS', `addEndpoint of ${endpoint}: ${wrong}.`);
    if (serverKey !== undefined) this.#credentials?.setServerKey(endpoint, serverKey);
  }

  #whatIsWrongWithKey(endpoint: string, serverKey: string | undefined): string | undefined {
    const mechanism = this.#credentials?.mechanism;
    const must = misfitOf(endpoint, mechanism);
    if (must !== undefined) return `it ${must}`;
    if (serverKey !== undefined) {
      if (mechanism === undefined)
        return 'a server key is for clients that have the option security';
      if (mechanism === 'tls')
        return 'a server key is for clients with CURVE, and this one has TLS';
      return isCurveKey(serverKey) ? undefined : 'serverKey must be a key of 40 characters';
    }
    return !this.#credentials || this.#credentials.hasKeyOf(endpoint)
      ? undefined
      : 'security.serverKey has no key for it, and none was given';
  }

  /** Which client it is, for the log. Who has one server and no name is named by that. */
  get #name(): string {
    const { name } = this.#options;
    if (name !== undefined) return name;
    const [first = '', ...others] = this.#endpoints;
    if (others.length === 0) return '';
    return `client of ${first} and ${others.length} more`;
  }

  #agentInUse(): ClientAgent {
    return (this.#agent ??= this.#open());
  }

  #open(): ClientAgent {
    const { agent: options, engine, balancer, isFailure } = this.#options;
    const { interval, timeout } = options.heartbeat;
    const agent: ClientAgent = new ClientAgent(
      {
        ...options,
        endpoints: [...this.#endpoints],
        balancer: balancer(),
        isFailure: guardedBlame(isFailure, (error) => this.#log.error('isFailure', error)),
      },
      socketsOf(engine, {
        credentials: this.#credentials,
        heartbeatInterval: Math.ceil(interval),
        heartbeatTimeout: Math.ceil(timeout),
        maxMessageSize: options.maxMessageSize,
      }),
      systemEnvironment,
      clientObserver({
        logger: this.#log,
        name: this.#name,
        events: this.#events,
        status: (status) => this._status$.next(status),
        isCurrent: () => this.#agent === agent,
      }),
    );
    return agent;
  }
}

/** Servers that come and go, each told a few times at once, and then once a minute. */
const CLIENT_LOG = { burst: 4, interval: 60_000, maxKinds: 1024 };

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** The packet with the data of its record. */
function dispatched({ pattern, metadata }: DispatchedPacket, data: unknown): DispatchedPacket {
  return { pattern, data, metadata };
}

const NO_STATS = (): ClientStats => ({
  endpoints: {},
  unwatched: [],
  pending: 0,
  retryBudget: 0,
  hedges: { sent: 0, won: 0 },
  panics: 0,
  dropped: {},
});

/** A broadcast yields what all its servers answer, and fails if one of them does. */
function broadcastTo(answers: CallObserver, pattern: Pattern): BroadcastObserver {
  return {
    next: (value) => answers.next(value),
    done: (outcomes) => {
      const error = describeBroadcast(pattern, outcomes);
      if (error) answers.error(error);
      else answers.complete();
    },
    error: (error) => answers.error(error),
  };
}
