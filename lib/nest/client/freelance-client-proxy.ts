import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { Observable } from 'rxjs';
import type { ClientStats } from '../../agents/client/client-stats.js';
import { hookFailure } from '../../core/hook-failure.js';
import { shareInstances } from '../../core/shared-instances.js';
import type { FreelanceStatus } from '../freelance-transport.js';
import { type FreelanceClientOptions, resolveClientOptions } from '../options/client-options.js';
import type { Listeners } from '../listeners.js';
import { type Platform, SYSTEM } from '../platform.js';
import { ClientLifecycle } from './client-lifecycle.js';
import { recordOf } from './call-options.js';
import { clientLog } from './client-log.js';
import { clientListeners, type FreelanceClientEvents } from './client-events.js';
import { type CloseOptions, isDrain } from './close-options.js';
import { createPacket } from './create-packet.js';
import { inContextOfSubscriber, startedAtOnce } from './in-context.js';
import { PacedRecord, PacedValues } from './paced-values.js';
import { startCall, startEvent } from './start-call.js';

/**
 * Nest's client for freelance servers: it watches several servers by heartbeats, sends each call to the best one, and
 * moves the call to another one if that server dies.
 *
 * ```ts
 * ClientsModule.register([{
 *   name: 'MATH',
 *   customClass: FreelanceClientProxy,
 *   options: { endpoints: ['tcp://10.0.0.1:5555', 'tcp://10.0.0.2:5555'] },
 * }])
 * ```
 *
 * A call or an event fails with a `FreelanceError`, whose `code` tells the cases apart; with what the handler threw, as
 * Nest's other transports deliver it; with a `TypeError` if its data cannot be written as JSON; or with Nest's
 * `InvalidMessageException` if pattern or data is `null` or `undefined`.
 */
export class FreelanceClientProxy extends ClientProxy<FreelanceClientEvents> {
  static {
    shareInstances(this, 'FreelanceClientProxy');
  }

  readonly #listeners: Listeners<FreelanceClientEvents>;
  readonly #hookFailed: (error: unknown) => void;
  readonly #lifecycle: ClientLifecycle;

  /** @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value */
  constructor(options: FreelanceClientOptions);
  /** @internal For the test kit. */
  constructor(options: FreelanceClientOptions, platform: Platform);
  constructor(options: FreelanceClientOptions, platform = SYSTEM) {
    super();
    const log = clientLog(FreelanceClientProxy.name, platform.environment.clock);
    this.#listeners = clientListeners(log);
    this.#hookFailed = (error) => log.error('hook', hookFailure('setOnDispatchHook', error));
    this.#lifecycle = new ClientLifecycle(resolveClientOptions(options), {
      log,
      events: this.#listeners,
      status: (status) => this._status$.next(status),
      platform,
    });
  }

  /**
   * Connects to all servers, and resolves once one of them can be called. Optional: the first call connects, too. May be
   * called any number of times.
   *
   * @throws FreelanceError `ECONNREFUSED` if no server has answered after `connectTimeout`; the next call tries again
   * @throws FreelanceError `UNAUTHORIZED` as soon as every server has refused this client
   * @throws FreelanceError `OVERLOADED` if no server can be called, and `maxPending` calls are open already
   * @throws FreelanceError `CLOSED` if the client is closed meanwhile
   */
  async connect(): Promise<void> {
    await this.#lifecycle.use().agent.connect();
  }

  /**
   * Fails every open call with `CLOSED`, and disconnects from every server. May be called at any time. `connect()`, or the
   * next call, connects again.
   *
   * With `{ drain: true }` it waits for open calls and events first, streams included, as long as their deadlines and
   * timeouts allow; meanwhile new calls, and `connect()`, fail with `CLOSED`. A second drain joins the first; `close()` ends
   * it at once.
   *
   * @param options Nest passes the name of a signal, which changes nothing
   * @returns with `{ drain: true }`, resolves once the client is closed; never rejects
   * @throws FreelanceError `BAD_OPTIONS` if an option is unknown or wrong
   */
  close(options: CloseOptions & { readonly drain: true }): Promise<void>;
  close(options?: CloseOptions | string): void;
  close(options?: CloseOptions | string): Promise<void> | void {
    return isDrain(options) ? this.#lifecycle.drain() : this.#lifecycle.close();
  }

  /**
   * Adds a server at run time. Adding a known server again changes nothing but its key.
   *
   * @param endpoint an address as in the option `endpoints`
   * @param serverKey the public key of that server, of 40 characters. Only with CURVE, and required unless
   *   `security.serverKey` has a key for the endpoint
   * @throws FreelanceError `BAD_OPTIONS` if the endpoint is not an address, or the key is missing or does not fit
   */
  addEndpoint(endpoint: string, serverKey?: string): void {
    this.#lifecycle.addEndpoint(endpoint, serverKey);
  }

  /**
   * Removes a server at run time. Its calls in flight are still answered. Removing an unknown server changes nothing.
   *
   * @param endpoint the address as it was given
   */
  removeEndpoint(endpoint: string): void {
    this.#lifecycle.removeEndpoint(endpoint);
  }

  /** How servers know this client (`stats().callers`), and diagnostics channels name it. The same while the object lives. */
  get id(): string {
    return this.#lifecycle.clientId;
  }

  /** `connected` while some server can be called, else `disconnected`. A new subscriber gets the latest at once. */
  override get status(): Observable<FreelanceStatus> {
    // Nest's `customClass` takes only classes whose status is typed as any string.
    return inContextOfSubscriber(super.status as Observable<FreelanceStatus>);
  }

  /**
   * Adds a listener to state changes of servers. It runs in the async context in which it was added; what it throws is
   * logged.
   *
   * @returns removes the listener
   * @throws FreelanceError `BAD_OPTIONS` if there is no such event, or the listener is not a function
   */
  override on<Event extends keyof FreelanceClientEvents>(
    event: Event,
    listener: FreelanceClientEvents[Event],
  ): () => void {
    return this.#listeners.on(event, listener);
  }

  /** As `on`, for the next such event only. */
  once<Event extends keyof FreelanceClientEvents>(
    event: Event,
    listener: FreelanceClientEvents[Event],
  ): () => void {
    return this.#listeners.once(event, listener);
  }

  /** Removes a listener that `on` or `once` added. One that was added several times is removed once, the latest first. */
  off<Event extends keyof FreelanceClientEvents>(
    event: Event,
    listener: FreelanceClientEvents[Event],
  ): void {
    this.#listeners.off(event, listener);
  }

  /**
   * Statistics of now, a new object each time: each server, open calls, dropped messages. All empty or zero before the
   * first call or `connect()`, and after `close()`.
   */
  stats(): ClientStats {
    return this.#lifecycle.stats();
  }

  /**
   * The socket of each endpoint, as a `Map`: Node's `net.Socket`, with TLS `tls.TLSSocket`; with the engine `libzmq` the
   * `Dealer` of zeromq.js. Each connection has its own. `undefined` between two connections; with the engine `node` also
   * until it is connected, and over `inproc://`.
   *
   * @throws Error before the first call or `connect()`, and after `close()`
   */
  unwrap<T>(): T {
    return this.#lifecycle.unwrap() as T;
  }

  /**
   * Calls a handler for `for await`, with backpressure: the server sends more only as values are read. It runs ahead by at
   * most 1024 values, or about 8 MiB if that is less, and by 16 values at first; in a broadcast each server does. The call
   * starts when the first value is asked for. Leaving the loop cancels it, even while it waits for a value.
   *
   * ```ts
   * for await (const row of client.iterate<Row>('rows', query)) await store(row);
   * ```
   *
   * @param pattern text, or an object as Nest takes it
   * @param data what the handler gets, or a `FreelanceRecord` of it
   * @returns the values; the loop throws what the call fails with
   * @throws FreelanceError `BAD_OPTIONS` if the record has an option that this version does not know
   */
  iterate<T>(pattern: unknown, data: unknown): AsyncGenerator<T, void, undefined> {
    const { data: value, options } = recordOf(data);
    return new PacedValues(new PacedRecord(value, options), (record) =>
      this.send<T>(pattern, record),
    );
  }

  /**
   * Calls a handler, once per subscription. Unsubscribing cancels the call and aborts the signal of its handler. Values
   * arrive as fast as the handler yields them: for backpressure see `iterate`.
   *
   * @param pattern text, or an object as Nest takes it
   * @param data what the handler gets, or a `FreelanceRecord` of it
   * @returns the values of the handler, then completion; or the error that the call failed with
   */
  // Nest's own `send` awaits `connect()` first. Here a call starts when it is subscribed to, so that its deadline runs, it
  // counts as pending, and waits in order. Instrumentation relies on one `publish` per subscription, as with Nest.
  // oxlint-disable-next-line typescript/no-explicit-any -- Nest's signature: callers count on it
  override send<TResult = any, TInput = any>(pattern: any, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) return super.send<TResult, TInput>(pattern, data);
    return new Observable((subscriber) =>
      this.publish(this.#packet(pattern, data), this.createObserver(subscriber)),
    );
  }

  /**
   * Sends an event at once, subscribed to or not: to one server, or with `setBroadcast` to all of them. It is retried like
   * a call; with `setIdempotent(false)` no handler gets it twice.
   *
   * @param pattern text, or an object as Nest takes it
   * @param data what the handlers get, or a `FreelanceRecord` of it
   * @returns `undefined`, then completion, once a server has accepted the event: its handlers may still run (a server of an
   *   older dialect accepts by answering). A broadcast yields a `BroadcastReport`. Or the error that the event failed with
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- Nest's signature: callers count on it
  override emit<TResult = any, TInput = any>(pattern: any, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) return super.emit<TResult, TInput>(pattern, data);
    return startedAtOnce(() => this.dispatchEvent<TResult>(this.#packet(pattern, data)));
  }

  /** @returns cancels the call */
  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const call = startCall(packet, callback, this.#lifecycle.use());
    return () => call.leave();
  }

  /** Resolves once a server has accepted the event; for a broadcast, with its report. */
  protected dispatchEvent<T = unknown>(packet: ReadPacket): Promise<T> {
    return startEvent(packet, this.#lifecycle.use()) as Promise<T>;
  }

  #packet(pattern: unknown, data: unknown): ReadPacket {
    return createPacket(this, pattern, data, this.#hookFailed);
  }
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
