import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { CallObserver } from '../../agents/client/call.js';
import { Observable } from 'rxjs';
import { ClientAgent } from '../../agents/client/client-agent.js';
import type { ClientStats } from '../../agents/client/client-stats.js';
import { describeBroadcast } from '../../agents/client/describe-failure.js';
import { systemEnvironment } from '../../agents/clock.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { Serialized } from '../../protocol/body.js';
import { zeromqSockets } from '../../sockets/zeromq-sockets.js';
import { answersTo } from './answers.js';
import { broadcastReport } from './broadcast-report.js';
import { cancelledBy, recordOf } from './call-options.js';
import { callRequest, type DispatchedPacket } from './call-request.js';
import { clientObserver, type FreelanceClientEvents } from './client-observer.js';
import type { FreelanceRecord } from './freelance-record.js';
import type { FreelanceStatus } from '../freelance-transport.js';
import { PacedRecord, pacedValues } from './paced-values.js';
import { isEndpoint } from '../options/addresses.js';
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
 */
export class FreelanceClientProxy extends ClientProxy<FreelanceClientEvents> {
  readonly #logger = new Logger(FreelanceClientProxy.name);
  readonly #options: ResolvedClientOptions;
  readonly #endpoints: Set<string>;
  readonly #events = new EventEmitter();
  #agent: ClientAgent | undefined;
  #isCallWaiting = false;

  /** @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value */
  constructor(options: FreelanceClientOptions) {
    super();
    this.#options = resolveClientOptions(options);
    this.#endpoints = new Set(this.#options.agent.endpoints);
  }

  /**
   * Resolves once a server has answered. Nest calls it before every call; calls may also wait for a
   * server by themselves, so it need not be called by hand.
   *
   * @throws FreelanceError `ECONNREFUSED` if none has answered after `connectTimeout`; the next call
   *   tries again
   */
  connect(): Promise<void> {
    this.#agent ??= this.#open();
    return this.#isCallWaiting ? Promise.resolve() : this.#agent.connect();
  }

  /** Fails what is open with `CLOSED`. May be called at any time; `connect()` opens anew. */
  close(): void {
    const agent = this.#agent;
    this.#agent = undefined;
    agent?.close();
    if (agent) this._status$.next('disconnected');
  }

  /**
   * Adds a server while the client runs.
   *
   * @throws FreelanceError `BAD_OPTIONS` if it is not an address
   */
  addEndpoint(endpoint: string): void {
    if (!isEndpoint(endpoint)) {
      throw new FreelanceError(
        'BAD_OPTIONS',
        `addEndpoint takes an address like tcp://10.0.0.1:5555, but got ${JSON.stringify(endpoint)}.`,
      );
    }
    this.#endpoints.add(endpoint);
    this.#agent?.addEndpoint(endpoint);
  }

  /** Takes a server out of use. Calls that it has are still answered. */
  removeEndpoint(endpoint: string): void {
    this.#endpoints.delete(endpoint);
    this.#agent?.removeEndpoint(endpoint);
  }

  /** `connected` while there is a server to call. */
  override get status(): Observable<FreelanceStatus> {
    // Nest's `customClass` takes only classes whose status is typed as any string.
    return super.status as Observable<FreelanceStatus>;
  }

  override on<Event extends keyof FreelanceClientEvents>(
    event: Event,
    callback: FreelanceClientEvents[Event],
  ): void {
    this.#events.on(event, callback);
  }

  /** What is known of each server, how many calls are open, and what had to be dropped. */
  stats(): ClientStats {
    return this.#agent?.stats() ?? { endpoints: {}, pending: 0, dropped: {} };
  }

  /** The ZeroMQ `Dealer` of each endpoint, as a `Map`. */
  unwrap<T>(): T {
    if (!this.#agent) throw new Error('The client is not connected: there is nothing to unwrap.');
    return this.#agent.unwrap() as T;
  }

  /**
   * The values of a call for `for await`, with backpressure: the server is asked for more only as they
   * are read. Leaving the loop cancels the call.
   *
   * ```ts
   * for await (const row of client.iterate<Row>('rows', query)) await store(row);
   * ```
   */
  iterate<T>(pattern: unknown, data: unknown): AsyncGenerator<T, void, undefined> {
    const { data: value, options } = recordOf(data);
    return pacedValues(new PacedRecord(value, options), (record) => this.send<T>(pattern, record));
  }

  /**
   * As ever. Overridden only so that a call with a deadline does not wait longer than that for the first
   * server: Nest calls `connect` before it lets the call begin.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- Nest's signature: callers count on it
  override send<TResult = any, TInput = any>(pattern: any, data: TInput): Observable<TResult> {
    const sent = super.send<TResult, TInput>(pattern, data);
    if (!this.#hasDeadline(data)) return sent;
    return new Observable((subscriber) => this.#waitingAsCall(() => sent.subscribe(subscriber)));
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- Nest's signature: callers count on it
  override emit<TResult = any, TInput = any>(pattern: any, data: TInput): Observable<TResult> {
    const emit = () => super.emit<TResult, TInput>(pattern, data);
    return this.#hasDeadline(data) ? this.#waitingAsCall(emit) : emit();
  }

  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const record = recordOf(packet.data);
    const answers = answersTo(callback, this.#options.codec);
    return this.#serialized(packet, record, answers, (ready) => {
      const request = callRequest('request', ready, record.options, this.#options.calls);
      const handle = record.options.broadcast
        ? this.#agentInUse().broadcast(request, {
            next: (value) => answers.next(value),
            done: (outcomes) => {
              const error = describeBroadcast(request.pattern, outcomes);
              if (error) answers.error(error);
              else answers.complete();
            },
          })
        : this.#agentInUse().call({ ...request, paced: record instanceof PacedRecord }, answers);
      if (record instanceof PacedRecord) record.handle = handle;
      return cancelledBy(record.options, handle, (error) => answers.error(error));
    });
  }

  /** Resolves once a server has accepted the event; of a broadcast, with who has. */
  protected dispatchEvent<T = unknown>(packet: ReadPacket): Promise<T> {
    const record = recordOf(packet.data);
    return new Promise<unknown>((resolve, reject) => {
      const answers = { next() {}, complete: () => resolve(undefined), error: reject };
      this.#serialized(packet, record, answers, (ready) => {
        const request = callRequest('event', ready, record.options, this.#options.calls);
        const handle = record.options.broadcast
          ? this.#agentInUse().broadcast(request, {
              next() {},
              done: (outcomes) => resolve(broadcastReport(outcomes)),
            })
          : this.#agentInUse().call(request, answers);
        return cancelledBy(record.options, handle, reject);
      });
    }) as Promise<T>;
  }

  /**
   * Starts a call once its packet has gone through the user's serializer, if there is one.
   *
   * @returns ends it, wherever it stands
   */
  #serialized(
    { pattern, metadata }: DispatchedPacket,
    { data }: FreelanceRecord,
    answers: CallObserver,
    start: (packet: DispatchedPacket) => () => void,
  ): () => void {
    let end: (() => void) | undefined;
    let isOver = false;
    const begin = (packet: ReadPacket) => {
      if (isOver) return;
      try {
        end = start(metadata ? { ...packet, metadata } : packet);
      } catch (error) {
        // Data that cannot be written, as in Nest's other transports.
        answers.error(error);
      }
    };
    const { codec } = this.#options;
    if (codec.serializes) {
      codec
        .outgoing({ pattern, data })
        .then((out) => begin(out instanceof Serialized ? { pattern, data: out } : out))
        .catch((error: unknown) => answers.error(error));
    } else {
      begin({ pattern, data });
    }
    return () => {
      isOver = true;
      end?.();
    };
  }

  #hasDeadline(data: unknown): boolean {
    const { timeout, parent, broadcast } = recordOf(data).options;
    // A broadcast goes to those that are connected: it has nothing to wait for by itself.
    return !broadcast && (timeout ?? parent ?? this.#options.calls.timeout) !== Infinity;
  }

  /** Lets a call begin at once: it then waits for its server by itself, and knows its deadline. */
  #waitingAsCall<T>(begin: () => T): T {
    this.#isCallWaiting = true;
    try {
      return begin();
    } finally {
      this.#isCallWaiting = false;
    }
  }

  #agentInUse(): ClientAgent {
    if (this.#agent) return this.#agent;
    throw new FreelanceError('CLOSED', 'The client was closed before the call was sent.');
  }

  #open(): ClientAgent {
    const { agent: options, balancer } = this.#options;
    const { interval, timeout } = options.heartbeat;
    const agent: ClientAgent = new ClientAgent(
      { ...options, endpoints: [...this.#endpoints], balancer: balancer() },
      zeromqSockets({ heartbeatInterval: interval, heartbeatTimeout: timeout }),
      systemEnvironment,
      clientObserver({
        logger: this.#logger,
        events: this.#events,
        status: (status) => this._status$.next(status),
        isCurrent: () => this.#agent === agent,
      }),
    );
    return agent;
  }
}
