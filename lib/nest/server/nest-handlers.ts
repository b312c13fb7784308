import type { MessageHandler } from '@nestjs/microservices';
import { hookFailure } from '../../core/hook-failure.js';
import { plainText } from '../../core/plain-text.js';
import { AtMostOncePatterns, NAMED_IN_HELLO } from '../../protocol/at-most-once.js';
import type { Pattern } from '../../protocol/headers.js';
import type { BoundedLog } from '../bounded-log.js';
import { guarded } from '../../core/guarded.js';
import { reservedNameOf } from '../../protocol/introspection.js';
import { badOptions } from '../options/bad-options.js';
import { isMarkedAtMostOnce, runsAtMostOnce } from './at-most-once.js';
import { EventFailure, runEvent } from './event-run.js';
import type { FreelanceContext } from './freelance-context.js';
import { type HandlerRunnerDeps, type ServerIdentity, isReadinessCheck } from './handler-runner.js';
import { noEventHandler } from './nest-words.js';
import type { RegisteredPattern } from './pattern-list.js';

/**
 * What Nest's `Server` knows about its handlers. Every member is read at each use: a subclass may override the methods, and
 * Nest sets the hooks after the server is made.
 */
export interface NestHandlersDeps {
  readonly serverId: string;
  /** The addresses at which it listens. */
  endpoints(): readonly string[];
  readonly log: BoundedLog;
  readonly handlers: ReadonlyMap<string, MessageHandler>;
  find(pattern: string): MessageHandler | null;
  routeOf(pattern: string): string;
  handleEvent: HandlerRunnerDeps['handleEvent'];
  /** Nest's `onProcessingStartHook`: has to call `run`. */
  startHook(context: FreelanceContext, run: () => Promise<void>): unknown;
  /** Nest's `onProcessingEndHook`. */
  endHook(context: FreelanceContext): unknown;
}

/**
 * Prefix of the routes of event handlers. Nest would keep the handlers of a call and of an event with the same pattern in one
 * list, and give both messages to the first.
 */
const EVENT_ROUTE = 'event ';

/** Prefix of the routes of handlers for calls whose pattern begins like one of the two prefixes: no call is taken for an event. */
const CALL_ROUTE = 'call ';

/** The handlers of a Nest server, as `HandlerRunner` finds and runs them. Those for events are kept apart from those for calls. */
export class NestHandlers implements HandlerRunnerDeps {
  readonly #deps: NestHandlersDeps;
  readonly #atMostOnce = new AtMostOncePatterns(NAMED_IN_HELLO);
  readonly end: (context: FreelanceContext) => void;
  readonly server: ServerIdentity;

  constructor(deps: NestHandlersDeps) {
    this.#deps = deps;
    this.server = {
      id: deps.serverId,
      get endpoints() {
        return deps.endpoints();
      },
    };
    this.end = guarded(
      (context: FreelanceContext) => deps.endHook(context),
      (error) => deps.log.error('hook', hookFailure('setOnProcessingEndHook', error)),
    );
  }

  get logger(): BoundedLog {
    return this.#deps.log;
  }

  /** The patterns whose handlers must not run twice for one call, as the server tells its clients. */
  get atMostOnce(): AtMostOncePatterns {
    return this.#atMostOnce;
  }

  /**
   * Nest adds a handler.
   *
   * @param route the pattern, as Nest normalizes it
   * @param extras of the decorator, such as `atMostOnce`
   * @returns the route under which Nest has to keep the handler
   * @throws FreelanceError `BAD_OPTIONS` if `extras.atMostOnce` is not a boolean, or the pattern is reserved
   */
  added(pattern: Pattern | number, route: string, isEvent: boolean, extras: Extras): string {
    if (reservedNameOf(pattern) !== undefined) throw reserved(pattern);
    if (isMarkedAtMostOnce(extras, pattern)) this.#atMostOnce.add(pattern);
    return isEvent ? EVENT_ROUTE + route : callRoute(route);
  }

  /** The handler for calls of the pattern, or else the one for events. */
  registeredFor(pattern: string): MessageHandler | undefined {
    const route = this.#deps.routeOf(pattern);
    const { handlers } = this.#deps;
    return handlers.get(callRoute(route)) ?? handlers.get(EVENT_ROUTE + route);
  }

  /** All patterns that have handlers: those for calls and those for events apart. */
  *registered(): Iterable<RegisteredPattern> {
    for (const [route, first] of this.#deps.handlers) {
      const [prefix = ''] = HAS_PREFIX.exec(route) ?? [];
      const kind = prefix === EVENT_ROUTE ? 'event' : 'call';
      yield { route: prefix === '' ? route : route.slice(prefix.length), kind, first };
    }
  }

  find(pattern: string): MessageHandler | undefined {
    return this.#deps.find(pattern) ?? undefined;
  }

  /** Whether there is a handler, for calls or events. */
  has(pattern: string): boolean {
    try {
      return (this.find(pattern) ?? this.#eventHandler(pattern)) !== undefined;
    } catch {
      // A subclass may override how handlers are found, and throw.
      return false;
    }
  }

  /** Asks the handlers that would run: a subclass may find them by patterns that are not in `atMostOnce`. */
  isAtMostOnce(pattern: string): boolean {
    return runsAtMostOnce(this.find(pattern)) || runsAtMostOnce(this.#eventHandler(pattern));
  }

  start(context: FreelanceContext, run: () => Promise<void>): unknown {
    return this.#deps.startHook(context, run);
  }

  handleEvent(pattern: string, data: unknown, context: FreelanceContext): Promise<unknown> {
    return this.#deps.handleEvent(pattern, data, context);
  }

  /** Resolves once all handlers of the event have ended, and so have the Observables that they returned, with a failure. */
  async runEvent(
    pattern: string,
    data: unknown,
    context: FreelanceContext,
  ): Promise<EventFailure | undefined> {
    const handler = this.#eventHandler(pattern) ?? this.find(pattern);
    // Only the server itself asks the readiness check.
    if (!handler || isReadinessCheck(pattern, handler, this)) {
      const error = noEventHandler(plainText(pattern));
      this.logger.error('no event handler', error);
      return new EventFailure('NO_HANDLER', error);
    }
    return runEvent(handler, data, context, this);
  }

  /** The handler that is for events alone. */
  #eventHandler(pattern: string): MessageHandler | undefined {
    return this.#deps.handlers.get(EVENT_ROUTE + this.#deps.routeOf(pattern));
  }
}

/** A test, not `startsWith`: of the pattern `true` Nest makes a route that is no string. */
const HAS_PREFIX = /^(?:event|call) /u;

function callRoute(route: string): string {
  return HAS_PREFIX.test(route) ? CALL_ROUTE + route : route;
}

type Extras = Readonly<Record<string, unknown>>;

function reserved(pattern: unknown) {
  return badOptions(
    `A handler cannot have the pattern ${JSON.stringify(pattern)}: patterns that begin with $freelance. are reserved for ` +
      'introspection (docs/observability.md). Give the handler another pattern',
  );
}
