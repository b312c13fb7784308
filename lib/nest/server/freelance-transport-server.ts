import type {
  CustomTransportStrategy,
  MessageHandler,
  ReadPacket,
  Server,
} from '@nestjs/microservices';
import type { ServerStats } from '../../agents/server/server-stats.js';
import { shareInstances } from '../../core/shared-instances.js';
import { Memo } from '../../protocol/memo.js';
import { Doorkeeper } from '../../security/doorkeeper.js';
import { BoundedLog } from '../bounded-log.js';
import { FREELANCE_TRANSPORT } from '../freelance-transport.js';
import { type FreelanceServerOptions, resolveServerOptions } from '../options/server-options.js';
import { type Platform, SYSTEM } from '../platform.js';
import { doorkeeperFor } from './client-access.js';
import { EventfulServer } from './eventful-server.js';
import type { FreelanceContext } from './freelance-context.js';
import { NestHandlers } from './nest-handlers.js';
import { serverListeners } from './server-events.js';
import { ServerLifecycle } from './server-lifecycle.js';

/**
 * Nest's server for freelance clients: it runs `@MessagePattern` and `@EventPattern` handlers.
 *
 * ```ts
 * const app = await NestFactory.createMicroservice(AppModule, {
 *   strategy: new FreelanceTransportServer({ bind: 'tcp://0.0.0.0:5555' }),
 * });
 * await app.listen();
 * ```
 *
 * A handler may return a value, a Promise, an Observable or an async iterable. An async iterable is asked for values as
 * fast as the caller reads. Unread values of an Observable wait here; beyond 65 536 values or 64 MiB the call fails.
 *
 * Some patterns are reserved. A handler of `REQUEST` gets the raw requests of clients that know no envelope, as text. A
 * handler of `PING` is the readiness check: the server takes calls unless it throws, returns `false`, or takes more than
 * 1 s. The server asks it at most once per second; clients cannot call it. `$freelance.…` is for introspection.
 */
export class FreelanceTransportServer extends EventfulServer implements CustomTransportStrategy {
  static {
    shareInstances(this, 'FreelanceTransportServer');
  }

  /** Always `FREELANCE_TRANSPORT`. */
  override readonly transportId: symbol = FREELANCE_TRANSPORT;
  readonly #routes = new Memo<string>();
  readonly #doorkeeper: Doorkeeper | undefined;
  readonly #handlers: NestHandlers;
  readonly #lifecycle: ServerLifecycle;

  /** @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value */
  constructor(options: FreelanceServerOptions);
  /** @internal For the test kit. */
  constructor(options: FreelanceServerOptions, platform: Platform);
  constructor(options: FreelanceServerOptions, platform = SYSTEM) {
    const resolved = resolveServerOptions(options);
    const { security, agent } = resolved;
    const { clock } = platform.environment;
    const log = new BoundedLog(
      () => this.logger,
      undefined,
      () => clock.now(),
    );
    const listeners = serverListeners(log);
    super(listeners);
    this.#doorkeeper = security && new Doorkeeper(security);
    this.#handlers = new NestHandlers({
      serverId: agent.serverId,
      endpoints: () => this.endpoints,
      log,
      handlers: this.messageHandlers,
      find: (pattern) => this.getHandlerByPattern(pattern),
      routeOf: (pattern) => this.getRouteFromPattern(pattern),
      handleEvent: (pattern, data, context) =>
        this.handleEvent(pattern, { pattern, data }, context),
      // Nest has this hook since 11.1.4.
      startHook: (context, run) =>
        this.onProcessingStartHook
          ? this.onProcessingStartHook(this.transportId, context, run)
          : run(),
      endHook: (context): unknown => this.onProcessingEndHook?.(this.transportId, context),
    });
    this.#lifecycle = new ServerLifecycle(resolved, {
      doorkeeper: this.#doorkeeper,
      handlers: this.#handlers,
      log,
      events: listeners,
      status: (status) => this._status$.next(status),
      platform,
    });
  }

  /** The addresses at which the server listens, free ports filled in; empty while it does not. */
  get endpoints(): readonly string[] {
    return this.#lifecycle.endpoints;
  }

  /**
   * Binds every address of the option `bind`. Nest calls it: `app.listen()` rejects with its error.
   *
   * @param callback called once, without an argument when the server listens. Else with an `Error`: an address cannot be
   *   bound (its message names the address), the server listens already or is still closing, or it was closed meanwhile.
   *   What the callback throws is logged
   */
  listen(callback: (error?: unknown) => void): void {
    this.#lifecycle.listen(callback);
  }

  /**
   * Keeps handlers for calls apart from handlers for events of the same pattern.
   *
   * @hidden
   */
  override addHandler(
    pattern: Parameters<Server['addHandler']>[0],
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const normalized = this.normalizePattern(pattern);
    const route = this.#handlers.added(pattern, normalized, isEventHandler, extras);
    super.addHandler(route, callback, isEventHandler, extras);
  }

  /**
   * Falls back to the handler for events if the pattern has none for calls, as Nest's other transports do.
   *
   * @hidden
   */
  override getHandlerByPattern(pattern: string): MessageHandler | null {
    return this.#handlers.registeredFor(pattern) ?? null;
  }

  /**
   * Resolves only when an Observable that the handler returned has ended, too: until then the event counts as running.
   *
   * @hidden
   */
  override handleEvent(
    pattern: string,
    packet: ReadPacket,
    context: FreelanceContext,
  ): Promise<unknown> {
    return this.#handlers.runEvent(pattern, packet.data, context);
  }

  /**
   * Remembers routes. Nest parses each pattern as JSON and, for plain text, catches the error: a profile of `npm run bench`
   * shows half of a busy server's time there.
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
   * Closes without losing a call. The server refuses new calls and events, so that their clients take them to other servers
   * unseen by the callers, and finishes what it has accepted. It waits until clients have confirmed that they have read
   * every reply, so that the process may end once this resolves. What still runs after `drainTimeout` is stopped: such a
   * call moves to another server or fails with `ECONNRESET`, a stream fails with `STREAM_BROKEN`. Clients of the older
   * dialects understand no refusal: they get no PONG any more, and are served until the server leaves.
   *
   * May be called at any time and any number of times: all calls wait for one drain. A handler must not await it, as it
   * waits for the handler.
   *
   * @returns resolves once the server has left, and may listen again; never rejects
   */
  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  /**
   * Closes where the server is a provider of the application: see `docs/running.md`, "Shutting down".
   *
   * @hidden
   */
  onModuleDestroy(): Promise<void> {
    return this.close();
  }

  /**
   * Authorizes a client from now on, whether it was revoked or is missing in `authorizedClients` (where that is a function,
   * it is no longer asked about this client). With PLAIN it only undoes `revoke`.
   *
   * @param client with CURVE its public key, of 40 characters; with PLAIN its username; with TLS the fingerprint of its
   *   certificate, 64 hexadecimal digits, which must still be valid, and signed by the option `ca` if that is given
   * @throws FreelanceError `BAD_OPTIONS` if that is not such a name, or the server has no `security`, or asks for no
   *   certificates
   */
  authorize(client: string): void {
    doorkeeperFor(this.#doorkeeper, 'authorize', client).authorize(client);
  }

  /**
   * Revokes a client from now on, until `authorize`, also when the server closes and listens again. What runs for it is
   * stopped, what it still sends is dropped, and it is told: a client of this library then disconnects, its calls move to
   * other servers or fail, and once no server lets it in they fail with `UNAUTHORIZED`. The engine `node` ends the connection
   * of a client that stays. libzmq cannot: there the connection stays open, unread, until this server closes.
   *
   * @param client as for `authorize`
   * @throws FreelanceError `BAD_OPTIONS` as `authorize` does
   */
  revoke(client: string): void {
    doorkeeperFor(this.#doorkeeper, 'revoke', client).revoke(client);
  }

  /**
   * The sockets of the connected clients, now and later, as a `Set` of Node's `net.Socket`, with TLS `tls.TLSSocket`;
   * `undefined` where only `inproc://` is bound. With the engine `libzmq` the `Router` of zeromq.js.
   *
   * @throws Error while the server does not listen
   */
  unwrap<T>(): T {
    return this.#lifecycle.unwrap() as T;
  }

  /**
   * Takes the server out of use, or puts it back. Its clients are told at once, and call it no more until `setReady(true)`;
   * what they have sent is still run and answered. It is ready from the start, as far as its handler of `PING` agrees. What
   * was set last also holds after the server has closed and listens again.
   *
   * @throws FreelanceError `BAD_OPTIONS` if that is not a boolean
   */
  setReady(isReady: boolean): void {
    this.#lifecycle.setReady(isReady);
  }

  /**
   * Whether clients may call the server now: it listens, is not closing, was not set unready, and its handler of `PING`
   * agrees, which is asked at most once per second.
   *
   * @returns resolves at once, or as soon as that handler has answered, after 1 s at the latest; never rejects
   */
  isReady(): Promise<boolean> {
    return this.#lifecycle.isReady();
  }

  /** Statistics since the server listens, a new object each time; all zero while it does not listen. */
  stats(): ServerStats {
    return this.#lifecycle.stats();
  }
}
