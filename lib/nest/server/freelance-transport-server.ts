import { EventEmitter } from 'node:events';
import {
  type CustomTransportStrategy,
  type MessageHandler,
  type ReadPacket,
  Server,
} from '@nestjs/microservices';
import { boundListener, inContextOfItsOwn } from '../../async-context.js';
import { systemEnvironment } from '../../agents/clock.js';
import type { DropReason } from '../../agents/drop-counter.js';
import { ServerAgent, type ServerHandler } from '../../agents/server/server-agent.js';
import type { ServerStats } from '../../agents/server/server-stats.js';
import { AtMostOncePatterns, NAMED_IN_HELLO } from '../../protocol/at-most-once.js';
import { Memo } from '../../protocol/memo.js';
import { socketsOf } from '../../sockets/engine.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { isFingerprint } from '../../security/certificate.js';
import { isCurveKey } from '../../security/curve-keys.js';
import { Doorkeeper } from '../../security/doorkeeper.js';
import { BoundedLog } from '../bounded-log.js';
import { plainText } from '../../core/plain-text.js';
import { shareInstances } from '../../core/shared-instances.js';
import { guarded } from '../listener.js';
import { FREELANCE_TRANSPORT, type FreelanceStatus } from '../freelance-transport.js';
import {
  type FreelanceServerOptions,
  type ResolvedServerOptions,
  resolveServerOptions,
} from '../options/server-options.js';
import { isAtMostOnce, runsAtMostOnce } from './at-most-once.js';
import { runEvent } from './event-run.js';
import { describeExposure } from './exposure.js';
import type { FreelanceContext } from './freelance-context.js';
import type { RunHost } from './handler-run.js';
import {
  HandlerRunner,
  patternAsText,
  isReadinessCheck,
  type RunnerHost,
} from './handler-runner.js';
import { noEventHandler } from './nest-words.js';

/** What `server.on` tells. */
export type FreelanceServerEvents = {
  /** The server listens at these addresses, free ports filled in. */
  listening: (endpoints: readonly string[]) => void;
  /** The server was closed. */
  close: () => void;
  /** The socket can no longer receive. It is logged, whether or not anyone listens. */
  error: (error: unknown) => void;
};

const REFUSED =
  'its key, certificate or password is not authorized here, or not that of the name it claims. stats().unauthorized counts them all.';

/** What stands for a client, by the mechanism. */
const CLIENT_NAMES = {
  curve: [isCurveKey, 'a public key of 40 characters'],
  plain: [(name: unknown) => typeof name === 'string', 'a username'],
  tls: [isFingerprint, 'the SHA-256 fingerprint of a certificate, 64 hexadecimal digits'],
} as const;

const TOO_MANY_NAMES =
  `More patterns are declared at most once than clients are told by name (${NAMED_IN_HELLO.names}, of ` +
  `${NAMED_IN_HELLO.characters} characters in all): all patterns of this server are, and no call of its clients is ` +
  'sent again once it may have run. Put those handlers into a server of their own.';

/** Before the route of a pattern: where its handlers for events are. */
const EVENTS = 'event ';

const NO_STATS: ServerStats = {
  clients: 0,
  evicted: 0,
  isDraining: false,
  running: 0,
  lingering: 0,
  queued: 0,
  accepted: 0,
  events: 0,
  abandoned: 0,
  refused: {},
  refusedPerClient: 0,
  keys: 0,
  evictedPerClient: 0,
  replayed: 0,
  unauthorized: 0,
  undelivered: 0,
  dropped: {},
};

/** A readiness check holds for a client's default heartbeat interval, in ms. */
const READINESS_INTERVAL_MS = 1000;

/** ZMTP heartbeats free what is kept for clients that vanished without a word, in ms. */
const CLIENT_HEARTBEATS = { heartbeatInterval: 5000, heartbeatTimeout: 15_000 };

/**
 * Serves `@MessagePattern` and `@EventPattern` handlers to freelance clients.
 *
 * ```ts
 * const app = await NestFactory.createMicroservice(AppModule, {
 *   strategy: new FreelanceTransportServer({ bind: 'tcp://0.0.0.0:5555' }),
 * });
 * await app.listen();
 * ```
 *
 * A handler may return a value, a Promise, an Observable or an async iterable. The iterable is asked for
 * values only as fast as the caller reads. Of an Observable, values that the caller does not read yet
 * wait here: at most 65 536, and at most 64 MiB; then the call fails and the Observable is unsubscribed.
 *
 * Two patterns are reserved: `REQUEST` gets raw requests of clients that know no envelope, as text;
 * `PING`, if it has a handler, tells whether this server can take calls: unless it throws or returns
 * `false`, or takes more than a second. It is asked at most once a second, and clients cannot call it.
 */
export class FreelanceTransportServer
  extends Server<FreelanceServerEvents, FreelanceStatus>
  implements CustomTransportStrategy
{
  static {
    shareInstances(this, 'FreelanceTransportServer');
  }

  /** Always `FREELANCE_TRANSPORT`. */
  override readonly transportId: symbol = FREELANCE_TRANSPORT;
  readonly #options: ResolvedServerOptions;
  readonly #events = new EventEmitter();
  readonly #routes = new Memo<string>();
  readonly #doorkeeper: Doorkeeper | undefined;
  readonly #log = new BoundedLog(() => this.logger);
  /** The patterns whose handlers must not run twice for one call. */
  readonly #atMostOnce = new AtMostOncePatterns(NAMED_IN_HELLO);
  #agent: ServerAgent | undefined;
  #hasWarned = false;
  /** Those who wait for the server to leave. */
  readonly #whenLeft: (() => void)[] = [];

  /** @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value */
  constructor(options: FreelanceServerOptions) {
    super();
    this.#options = resolveServerOptions(options);
    const { security } = this.#options;
    this.#doorkeeper = security && new Doorkeeper(security);
  }

  /** Where the server really listens, free ports filled in; empty while it does not. */
  get endpoints(): readonly string[] {
    return this.#agent?.endpoints ?? [];
  }

  /**
   * Binds every address of the option `bind`. Nest calls it: `app.listen()` rejects with what it fails
   * with.
   *
   * @param callback gets nothing once the server listens, or an `Error` if an address cannot be bound,
   *   which its message names, if the server listens already or still drains, or if it is closed meanwhile.
   *   What it throws once the server listens is logged
   */
  listen(callback: (error?: unknown) => void): void {
    if (this.#agent) {
      const isClosing = this.#whenLeft.length > 0;
      const why = isClosing
        ? 'The server is still closing: wait for close() before it listens again.'
        : 'The server listens already: close it before it can listen again.';
      callback(new Error(why));
      return;
    }
    const { bind, engine, maxConnections, agent: options } = this.#options;
    const agent = new ServerAgent(
      {
        ...options,
        readinessInterval: READINESS_INTERVAL_MS,
        atMostOnce: this.#atMostOnce,
        isAtMostOnce: (pattern) => this.#isAtMostOnce(patternAsText(pattern)),
      },
      socketsOf(engine, {
        ...CLIENT_HEARTBEATS,
        maxMessageSize: options.maxMessageSize,
        maxConnections,
        doorkeeper: this.#doorkeeper,
      }),
      systemEnvironment,
      this.#handler(),
    );
    this.#agent = agent;
    agent.bind(bind).then(
      () => {
        this.#log.log('listening', this.#describe(agent.endpoints));
        this.#warnIfExposed(agent.endpoints);
        if (this.#atMostOnce.names === true) this.#log.warn('at most once', TOO_MANY_NAMES);
        this._status$.next('connected');
        this.#events.emit('listening', agent.endpoints);
        const failed = (error: unknown) => this.#log.error('listener', error);
        guarded(callback, failed)();
      },
      (error: unknown) => {
        if (this.#agent === agent) this.#agent = undefined;
        this._status$.next('disconnected');
        callback(error);
      },
    );
  }

  /**
   * As Nest's own, but that a pattern may have handlers for calls and handlers for events: Nest keeps
   * one list for both, and its first one gets whatever comes.
   *
   * @hidden
   */
  override addHandler(
    pattern: Parameters<Server['addHandler']>[0],
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (isAtMostOnce(extras, pattern)) this.#atMostOnce.add(pattern);
    const route = this.normalizePattern(pattern);
    super.addHandler(isEventHandler ? EVENTS + route : route, callback, isEventHandler, extras);
  }

  /**
   * Of a pattern that has no handler for calls, the one for events, as over Nest's other transports.
   *
   * @hidden
   */
  override getHandlerByPattern(pattern: string): MessageHandler | null {
    return super.getHandlerByPattern(pattern) ?? super.getHandlerByPattern(this.#eventsOf(pattern));
  }

  /**
   * As Nest's own, but that it resolves only when an Observable that the handler returned has ended, too:
   * until then the event holds its place among what runs.
   *
   * @hidden
   */
  override async handleEvent(
    pattern: string,
    packet: ReadPacket,
    context: FreelanceContext,
  ): Promise<unknown> {
    const handler = this.getHandlerByPattern(pattern);
    // The readiness check is nobody's to call, by an event neither.
    const find = (other: string) => this.getHandlerByPattern(other) ?? undefined;
    if (!handler || isReadinessCheck(pattern, handler, { find })) {
      this.#log.error('no event handler', noEventHandler(plainText(pattern)));
      return undefined;
    }
    return runEvent(handler, packet.data, context, this.#hooks());
  }

  /**
   * As Nest's own, but that it remembers. Nest parses every pattern as JSON and, for plain text, catches
   * the failure: on a busy server that is half of the work of a call.
   *
   * @hidden
   */
  protected override getRouteFromPattern(pattern: string): string {
    let route = this.#routes.get(pattern);
    if (route === undefined) {
      route = super.getRouteFromPattern(pattern);
      this.#routes.set(pattern, route);
    }
    return route;
  }

  /**
   * Leaves so that nothing is lost. New calls and events are refused, which sends their clients to other
   * servers, unseen by the callers; those that were accepted are answered. Clients confirm that they have
   * read it, so that the process may end once this resolves. What `drainTimeout` finds still running is
   * stopped, and its callers lose this server: their calls move to another one, or fail with `ECONNRESET`,
   * a stream with `STREAM_BROKEN`. Clients of the older dialects, which understand no refusal, get no PONG
   * any more, and are served until the server leaves.
   *
   * May be called at any time and any number of times: there is one departure, which all wait for. A
   * handler must not wait for it, since it waits for the handler.
   *
   * @returns resolves when the server has left, and may listen again; never rejects
   */
  close(): Promise<void> {
    const agent = this.#agent;
    if (!agent) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenLeft.push(resolve);
      agent.drain(this.#options.drainTimeout);
    });
  }

  /**
   * Closes, as a provider of the application: see the README, "Shutting down".
   *
   * @hidden
   */
  onModuleDestroy(): Promise<void> {
    return this.close();
  }

  /**
   * Lets a client in, from now on: one that is not in `authorizedClients`, or was revoked. It is not asked
   * for about such a key, if that is a function. With PLAIN, it undoes that a username was revoked.
   *
   * @param publicKey the client's, of 40 characters; with PLAIN its username; with TLS the fingerprint of its certificate,
   *   64 hexadecimal digits, which must be valid all the same, and of an authority in `ca`, if that is given
   * @throws FreelanceError `BAD_OPTIONS` if that is not a key, or the server has no `security`, or asks for no certificates
   */
  authorize(publicKey: string): void {
    this.#guard('authorize', publicKey).authorize(publicKey);
  }

  /**
   * Lets a client no longer in, and is done with its connections: what runs for it is stopped, what it still
   * sends is not heard, and it is told. Clients of this library then end the connection, fail or move the calls
   * that were under way, and fail with `UNAUTHORIZED`. The engine `node` ends the connection of one that does not heed it.
   * libzmq cannot: there it stays open, and mute, until this server closes. Holds until `authorize`, also if the server
   * closes and listens again.
   *
   * @param publicKey the client's, of 40 characters; with PLAIN its username; with TLS the fingerprint of its certificate
   * @throws FreelanceError `BAD_OPTIONS` if that is not a key, or the server has no `security`, or asks for no certificates
   */
  revoke(publicKey: string): void {
    this.#guard('revoke', publicKey).revoke(publicKey);
  }

  /** Calls back whenever that happens. */
  on<Event extends keyof FreelanceServerEvents>(
    event: Event,
    callback: FreelanceServerEvents[Event],
  ): void {
    const failed = (error: unknown) => this.#log.error('listener', error);
    const listener = guarded(callback as (...told: unknown[]) => void, failed);
    this.#events.on(event, boundListener(listener));
  }

  /**
   * The sockets of the clients that are connected, now and later, as a `Set` of Node's `net.Socket`, with TLS
   * `tls.TLSSocket`; `undefined` of a server that is bound to `inproc://` only. With the engine `libzmq` the `Router` of zeromq.js.
   *
   * @throws Error while the server does not listen
   */
  unwrap<T>(): T {
    if (!this.#agent) throw new Error('The server does not listen: there is no socket to unwrap.');
    return this.#agent.unwrap() as T;
  }

  /** What the server has done since it listens, and what it had to drop; zeros while it does not. */
  stats(): ServerStats {
    return this.#agent?.stats() ?? NO_STATS;
  }

  #guard(method: string, name: unknown): Doorkeeper {
    if (!this.#doorkeeper) {
      throw new FreelanceError('BAD_OPTIONS', `${method}: this server has no option security.`);
    }
    const own = this.#doorkeeper.own();
    if (own.mechanism === 'tls' && own.demands === 'nothing') {
      const why = 'this server asks its clients for no certificate';
      throw new FreelanceError('BAD_OPTIONS', `${method}: ${why}.`);
    }
    const [isName, what] = CLIENT_NAMES[own.mechanism];
    if (isName(name)) return this.#doorkeeper;
    throw new FreelanceError('BAD_OPTIONS', `${method} takes ${what}.`);
  }

  #describe(endpoints: readonly string[]): string {
    const { serverId } = this.#options.agent;
    const security = this.#doorkeeper?.own().mechanism ?? 'none';
    return `Listens at ${endpoints.join(', ')} as ${plainText(serverId)} (security: ${security})`;
  }

  #warnIfExposed(endpoints: readonly string[]): void {
    const warning = describeExposure(endpoints, this.#doorkeeper?.own().mechanism);
    if (warning === undefined || this.#hasWarned) return;
    this.#hasWarned = true;
    this.#log.warn('exposed', warning);
  }

  #left(): void {
    this.#agent = undefined;
    for (const resolve of this.#whenLeft.splice(0)) resolve();
    this._status$.next('disconnected');
    this.#events.emit('close');
  }

  #handler(): ServerHandler {
    const { codec } = this.#options;
    const runner = new HandlerRunner(this.#host(), codec);
    return {
      handle: (call) => inContextOfItsOwn(() => runner.handle(call)),
      event: (event) => inContextOfItsOwn(() => runner.event(event)),
      isReady: () => new Promise((resolve) => inContextOfItsOwn(() => resolve(runner.isReady()))),
      left: () => this.#left(),
      refused: (who) => this.#log.warn('refused', `A client was refused, ${who}: ${REFUSED}`),
      undecided: (error) => this.#log.error('authorizer', error),
      dropped: (reason: DropReason) =>
        this.#log.debug('dropped', `Dropped a message: ${reason}. stats() counts them all.`),
      failed: (error) => {
        this.#log.error('socket', error);
        if (this.#events.listenerCount('error') > 0) this.#events.emit('error', error);
      },
    };
  }

  #eventsOf(pattern: string): string {
    return EVENTS + this.getRouteFromPattern(pattern);
  }

  /** Of the handlers themselves: a subclass may find them by other patterns than theirs. */
  #isAtMostOnce(pattern: string): boolean {
    return (
      runsAtMostOnce(this.getHandlerByPattern(pattern)) ||
      runsAtMostOnce(this.messageHandlers.get(this.#eventsOf(pattern)))
    );
  }

  #host(): RunnerHost {
    return {
      ...this.#hooks(),
      serverId: this.#options.agent.serverId,
      find: (pattern) => this.getHandlerByPattern(pattern) ?? undefined,
      isAtMostOnce: (pattern) => this.#isAtMostOnce(pattern),
      handleEvent: (pattern, data, context) => {
        const events = this.#eventsOf(pattern);
        const route = this.messageHandlers.has(events) ? events : pattern;
        return this.handleEvent(route, { pattern, data }, context);
      },
    };
  }

  #hooks(): RunHost {
    return {
      logger: this.#log,
      // Nest has this hook since 11.1.4.
      start: (context, run) =>
        this.onProcessingStartHook
          ? this.onProcessingStartHook(this.transportId, context, run)
          : run(),
      end: guarded(
        (context: FreelanceContext): unknown =>
          this.onProcessingEndHook?.(this.transportId, context),
        (error) => this.#log.error('hook', error),
      ),
    };
  }
}
