import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import {
  type CustomTransportStrategy,
  type ReadPacket,
  Server,
  type WritePacket,
} from '@nestjs/microservices';
import { finalize, lastValueFrom, takeWhile } from 'rxjs';
import { systemEnvironment } from '../agents/clock.js';
import type { DropReason } from '../agents/drop-counter.js';
import {
  ServerAgent,
  type ServerHandler,
  type ServerStats,
} from '../agents/server/server-agent.js';
import type { ServerCall, ServerRequest } from '../agents/server/server-call.js';
import { Serialized } from '../protocol/body.js';
import { READINESS_PATTERN } from '../protocol/untyped.js';
import { zeromqSockets } from '../sockets/zeromq-sockets.js';
import { type CallScope, FreelanceContext } from './freelance-context.js';
import { FREELANCE_TRANSPORT, type FreelanceStatus } from './freelance-transport.js';
import { HandlerLookup } from './handler-lookup.js';
import { Replies } from './replies.js';
import { type Prepare, valuesOf } from './values-of.js';
import {
  type FreelanceServerOptions,
  type ResolvedServerOptions,
  resolveServerOptions,
} from './options/server-options.js';

/** What `server.on` tells. */
export type FreelanceServerEvents = {
  listening: (endpoints: readonly string[]) => void;
  close: () => void;
  error: (error: unknown) => void;
};

/** Nest's own words, which its package does not export. */
const NO_MESSAGE_HANDLER = 'There is no matching message handler defined in the remote service.';

const NO_STATS: ServerStats = {
  clients: 0,
  running: 0,
  accepted: 0,
  events: 0,
  abandoned: 0,
  undelivered: 0,
  dropped: {},
};

/** Nest's own words for what the caller need not know; the log tells it. */
const INTERNAL_ERROR = { status: 'error', message: 'Internal server error' };

/** A readiness check holds for a client's default heartbeat interval, in ms. */
const READINESS_INTERVAL_MS = 1000;

/** Events are nobody's to cancel. */
const NEVER_ABORTED = new AbortController().signal;

/** ZMTP heartbeats free what is kept for clients that vanished without a word, in ms. */
const CLIENT_HEARTBEATS = { heartbeatInterval: 5000, heartbeatTimeout: 15_000 };

/**
 * Serves `@MessagePattern` handlers to freelance clients.
 *
 * ```ts
 * const app = await NestFactory.createMicroservice(AppModule, {
 *   strategy: new FreelanceTransportServer({ bind: 'tcp://0.0.0.0:5555' }),
 * });
 * await app.listen();
 * ```
 *
 * Two patterns are reserved: `REQUEST` gets raw requests of clients that know no envelope, as text;
 * `PING`, if it has a handler, tells whether this server can take calls: unless it throws or returns
 * `false`.
 */
export class FreelanceTransportServer
  extends Server<FreelanceServerEvents, FreelanceStatus>
  implements CustomTransportStrategy
{
  override readonly transportId: symbol = FREELANCE_TRANSPORT;
  readonly #options: ResolvedServerOptions;
  readonly #events = new EventEmitter();
  readonly #handlers = new HandlerLookup((pattern) => this.getHandlerByPattern(pattern));
  #agent: ServerAgent | undefined;

  /** @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value */
  constructor(options: FreelanceServerOptions) {
    super();
    this.#options = resolveServerOptions(options);
  }

  /** Where the server really listens, free ports filled in; empty while it does not. */
  get endpoints(): readonly string[] {
    return this.#agent?.endpoints ?? [];
  }

  listen(callback: (error?: unknown) => void): void {
    const { serverId, bind } = this.#options;
    const agent: ServerAgent = new ServerAgent(
      { serverId, readinessInterval: READINESS_INTERVAL_MS },
      zeromqSockets(CLIENT_HEARTBEATS),
      systemEnvironment,
      this.#handler((request) => request.deadlineAt - agent.now()),
    );
    this.#agent = agent;
    agent.bind(bind).then(
      () => {
        this._status$.next('connected');
        this.#events.emit('listening', agent.endpoints);
        callback();
      },
      (error: unknown) => {
        if (this.#agent === agent) this.#agent = undefined;
        this._status$.next('disconnected');
        callback(error);
      },
    );
  }

  /** Leaves: what still runs is stopped. May be called any number of times. */
  close(): void {
    const agent = this.#agent;
    if (!agent) return;
    this.#agent = undefined;
    agent.close();
    this._status$.next('disconnected');
    this.#events.emit('close');
  }

  on<Event extends keyof FreelanceServerEvents>(
    event: Event,
    callback: FreelanceServerEvents[Event],
  ): void {
    this.#events.on(event, callback);
  }

  /** The ZeroMQ `Router`. */
  unwrap<T>(): T {
    if (!this.#agent) throw new Error('The server does not listen: there is no socket to unwrap.');
    return this.#agent.unwrap() as T;
  }

  /** What the server has done, and what it had to drop. */
  stats(): ServerStats {
    return this.#agent?.stats() ?? NO_STATS;
  }

  #handler(remaining: (request: ServerRequest) => number): ServerHandler {
    return {
      handle: (call) =>
        inScopeOfItsOwn(() =>
          this.#handle(call, {
            remaining: () => remaining(call.request),
            get signal() {
              return call.signal;
            },
          }),
        ),
      event: (request) =>
        inScopeOfItsOwn(() =>
          this.#event(request, { remaining: () => remaining(request), signal: NEVER_ABORTED }),
        ),
      isReady: () => this.#isReady(),
      dropped: (reason: DropReason) =>
        this.logger.debug?.(`Dropped a message: ${reason}. stats() counts them all.`),
      failed: (error) => {
        this.logger.error(error);
        if (this.#events.listenerCount('error') > 0) this.#events.emit('error', error);
      },
    };
  }

  #handle(call: ServerCall, scope: CallScope): void {
    const { codec } = this.#options;
    if (!codec.deserializes) {
      this.#run(call, call.request, scope);
      return;
    }
    codec
      .incoming(packetOf(call.request), call.request.data)
      .then((packet) => this.#run(call, packet, scope))
      .catch((error: unknown) => {
        this.logger.error(error);
        call.error(INTERNAL_ERROR);
      });
  }

  #run(call: ServerCall, packet: ReadPacket, scope: CallScope): void {
    const data = contentOf(packet.data);
    const pattern = this.getPatternAsString(packet.pattern);
    const handler = this.#handlers.find(pattern);
    if (!handler) {
      call.error(NO_MESSAGE_HANDLER);
      return;
    }
    const context = new FreelanceContext([call.request, pattern, scope]);
    const ended = () => {
      try {
        this.onProcessingEndHook?.(this.transportId, context);
      } catch (error) {
        this.logger.error(error);
      }
    };
    let hasBegun = false;
    const run = async () => {
      hasBegun = true;
      try {
        await this.#reply(call, await handler(data, context), ended);
      } catch (error) {
        // Nest's filters have caught what handlers throw: only a filter itself can, and says nothing.
        ended();
        this.logger.error(error);
        call.error(INTERNAL_ERROR);
      }
    };
    const start = async () => this.onProcessingStartHook(this.transportId, context, run);
    start().catch((error: unknown) => {
      this.logger.error(error);
      if (!hasBegun) call.error(INTERNAL_ERROR);
    });
  }

  /** Not by Nest's `send`: it queues without bound what a call may not send yet. */
  async #reply(call: ServerCall, result: unknown, ended: () => void): Promise<void> {
    const { codec } = this.#options;
    const prepare: Prepare = codec.serializes
      ? async (response) => contentToSend(await codec.outgoing({ response }))
      : undefined;
    const replies = new Replies(call, (error) => this.logger.error(error));
    const values = valuesOf(result, call, prepare);
    if (!values) {
      ended();
      replies.only(prepare ? await prepare(result) : result);
      return;
    }
    const subscription = values
      // Also a source that yields without a pause, and can be stopped only between two values.
      .pipe(
        takeWhile(() => call.isWanted),
        finalize(ended),
      )
      .subscribe({
        next: (value) => replies.next(value),
        complete: () => replies.complete(),
        error: (error: unknown) => this.#fail(replies, error),
      });
    call.whenAbandoned(() => {
      try {
        subscription.unsubscribe();
      } catch (error) {
        this.logger.error(error);
      }
    });
  }

  #fail(replies: Replies, err: unknown): void {
    const { codec } = this.#options;
    if (!codec.serializes) {
      replies.error(err);
      return;
    }
    codec
      .outgoing<WritePacket>({ err })
      .then((out) => replies.error(out instanceof Serialized ? out : out.err))
      .catch((error: unknown) => {
        this.logger.error(error);
        replies.error(INTERNAL_ERROR);
      });
  }

  #event(request: ServerRequest, scope: CallScope): void {
    const { codec } = this.#options;
    const deliver = (packet: ReadPacket) => {
      const data = contentOf(packet.data);
      const pattern = this.getPatternAsString(packet.pattern);
      const context = new FreelanceContext([request, pattern, scope]);
      return this.handleEvent(pattern, { pattern, data }, context);
    };
    const delivered = codec.deserializes
      ? codec.incoming(packetOf(request), request.data).then(deliver)
      : deliver(request);
    delivered.catch((error: unknown) => this.logger.error(error));
  }

  async #isReady(): Promise<boolean> {
    const handler = this.#handlers.find(READINESS_PATTERN);
    if (!handler) return true;
    const request: ServerRequest = {
      pattern: READINESS_PATTERN,
      data: undefined,
      metadata: {},
      attempt: 1,
      deadlineAt: Infinity,
      clientId: undefined,
    };
    const scope = { remaining: () => Infinity, signal: NEVER_ABORTED };
    try {
      const result: unknown = await handler(
        undefined,
        new FreelanceContext([request, READINESS_PATTERN, scope]),
      );
      const answer = await lastValueFrom(this.transformToObservable(result), {
        defaultValue: undefined,
      });
      return answer !== false;
    } catch {
      // That it throws is its answer: not ready.
      return false;
    }
  }
}

/**
 * What a hook enters by `AsyncLocalStorage.enterWith` would otherwise stay with the socket's loop, and
 * with every later call.
 */
function inScopeOfItsOwn(run: () => void): void {
  new AsyncResource('FreelanceCall').runInAsyncScope(run);
}

function packetOf({ pattern, data }: ServerRequest): ReadPacket {
  return { pattern, data };
}

function contentToSend(out: Serialized | { response: unknown }): unknown {
  return out instanceof Serialized ? out : out.response;
}

/** Without a deserializer, what a client's serializer made is bytes or text. */
function contentOf(data: unknown): unknown {
  return data instanceof Serialized ? data.content : data;
}
