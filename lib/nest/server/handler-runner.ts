import type { MessageHandler, ReadPacket } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { MAY_HAVE_RUN } from '../../agents/server/request-admission.js';
import type { ServerRequest } from '../../agents/server/read-request.js';
import type { ServerCall } from '../../agents/server/server-call.js';
import type { ServerEvent } from '../../agents/server/server-event.js';
import { plainText } from '../../core/plain-text.js';
import { READINESS_PATTERN } from '../../protocol/untyped.js';
import { contentOf } from '../packet-codec.js';
import { EventFailure } from './event-run.js';
import { type CallScope, FreelanceContext } from './freelance-context.js';
import { failInternally, HandlerRun, type HandlerRunDeps } from './handler-run.js';
import { NO_MESSAGE_HANDLER } from './nest-words.js';
import { areRunsWatched, ObservedRun, type RunFacts } from './observed-run.js';
import type { TimedCodec } from './timed-codec.js';
import { valuesOf } from './values-of.js';

/** As those who watch its calls see it. */
export interface ServerIdentity {
  readonly id: string;
  /** The addresses at which it listens. */
  readonly endpoints: readonly string[];
}

/** What the runner needs of Nest's `Server`: `NestHandlers` has it. */
export interface HandlerRunnerDeps extends HandlerRunDeps {
  readonly server: ServerIdentity;
  find(pattern: string): MessageHandler | undefined;
  /** Whether there is a handler, for calls or events. Does not throw. */
  has(pattern: string): boolean;
  /** Whether any handler of the pattern, for calls or events, must not run twice for one call. */
  isAtMostOnce(pattern: string): boolean;
  /** Resolves once all handlers of the event have ended, with an `EventFailure` if one has failed. */
  handleEvent(pattern: string, data: unknown, context: FreelanceContext): Promise<unknown>;
}

/** For events and readiness checks, which nobody can cancel. */
const NEVER_ABORTED: CallScope = { signal: new AbortController().signal };

/** Runs Nest's handlers for the calls and events of clients, and for readiness checks. */
export class HandlerRunner {
  readonly #host: HandlerRunnerDeps;
  readonly #codec: TimedCodec;
  readonly #now: () => number;
  readonly #listenerFailed = (error: unknown): void => this.#host.logger.error('listener', error);

  /** @param now in ms, by the clock of the agent */
  constructor(host: HandlerRunnerDeps, codec: TimedCodec, now: () => number) {
    this.#host = host;
    this.#codec = codec;
    this.#now = now;
  }

  handle(call: ServerCall): void {
    if (this.#codec.deserializes) {
      // The deserializer is the user's code like the handler: while it runs, the call holds its place.
      call.handlerBegan();
      this.#deserialized(call.request, () => call.isWanted)
        .then((packet) => this.#run(call, packet))
        .catch((error: unknown) => this.#failed(call, error));
      return;
    }
    try {
      this.#run(call, call.request);
    } catch (error) {
      // A subclass may override how handlers are found, and throw.
      this.#failed(call, error);
    }
  }

  #failed(call: ServerCall, error: unknown): void {
    failInternally(call, error, this.#host.logger);
    if (this.#codec.deserializes) call.handlerEnded();
  }

  event(event: ServerEvent): void {
    const { request } = event;
    const deliver = async (packet: ReadPacket) => {
      const pattern = patternAsText(packet.pattern);
      // The intake has checked this for the pattern as it came; a deserializer may have changed it. The event is accepted
      // already, so that it cannot be refused, but an earlier attempt may have run.
      if (request.mayHaveRun && this.#host.isAtMostOnce(pattern)) return;
      const context = new FreelanceContext(request, pattern, NEVER_ABORTED);
      const handle = () => this.#host.handleEvent(pattern, contentOf(packet.data), context);
      const hasHandler = () => this.#host.has(pattern);
      const outcome = await this.#watched({ kind: 'event', pattern, hasHandler }, event, handle);
      if (outcome instanceof EventFailure) event.fail(outcome.error, outcome.kind);
    };
    const delivered = this.#codec.deserializes
      ? this.#deserialized(request, () => request.remaining() > 0).then(deliver)
      : deliver(request);
    delivered
      .catch((error: unknown) => {
        this.#host.logger.error('event', error);
        event.fail(error, 'INTERNAL');
      })
      .finally(() => event.over());
  }

  /** Asks the handler of the reserved pattern: the server is ready unless that throws or returns `false`. */
  async isReady(): Promise<boolean> {
    const handler = this.#host.find(READINESS_PATTERN);
    if (!handler) return true;
    const context = new FreelanceContext(READINESS_CHECK, READINESS_PATTERN, NEVER_ABORTED);
    try {
      const result: unknown = await handler(undefined, context);
      const values = valuesOf(result, (error) => this.#host.logger.error('clean-up', error));
      const answer = values ? await lastValueFrom(values, { defaultValue: undefined }) : result;
      return answer !== false;
    } catch {
      // By throwing it says: not ready.
      return false;
    }
  }

  #run(call: ServerCall, packet: ReadPacket): void {
    const host = this.#host;
    const pattern = patternAsText(packet.pattern);
    const handler = host.find(pattern);
    // Only the server itself asks the readiness check.
    if (!handler || isReadinessCheck(pattern, handler, host)) {
      host.logger.warn(
        'no handler',
        `The server ${plainText(host.server.id)} has no handler for calls of the pattern ${plainText(pattern)}: ` +
          'its callers get an error. Is the client connected to the right service?',
      );
      const answer = () => call.error(NO_MESSAGE_HANDLER, 'NO_HANDLER');
      this.#watched({ kind: 'call', pattern, hasHandler: no }, call, answer);
      if (this.#codec.deserializes) call.handlerEnded();
      return;
    }
    // The intake has checked this for the pattern as it came; a deserializer may have changed it.
    if (call.request.mayHaveRun && host.isAtMostOnce(pattern)) {
      call.decline('may-have-run', MAY_HAVE_RUN);
      if (this.#codec.deserializes) call.handlerEnded();
      return;
    }
    const context = new FreelanceContext(call.request, pattern, call, this.#listenerFailed);
    const run = new HandlerRun(call, this.#codec, handler, context, host);
    const start = () => run.start(contentOf(packet.data));
    this.#watched({ kind: 'call', pattern, hasHandler: yes }, call, start);
  }

  /** Runs the handler, between the hooks of those who watch calls, if there are any. */
  #watched<Result>(
    facts: Pick<RunFacts, 'kind' | 'pattern'> & { readonly hasHandler: () => boolean },
    job: ServerCall | ServerEvent,
    run: () => Result,
  ): Result | undefined {
    // A call may have been abandoned while the deserializer had it: its end would never be told.
    if (!areRunsWatched() || job.isOver) return run();
    const { server, logger } = this.#host;
    // In a message that is kept, the addresses stay those at which it listened.
    const { id, endpoints } = server;
    const { kind, pattern } = facts;
    const hasHandler = facts.hasHandler();
    const observed = new ObservedRun(
      { kind, pattern, hasHandler, server: { id, endpoints } },
      job.request,
      this.#now,
    );
    job.measurement?.observe(observed);
    let result: Result | undefined;
    observed.start(
      () => (result = run()),
      (error) => logger.error('hook', error),
    );
    return result;
  }

  #deserialized(
    { pattern: shared, data }: ServerRequest,
    isWanted: () => boolean,
  ): Promise<ReadPacket> {
    // Calls with equal headers share one pattern object, and a deserializer may change what it gets.
    const pattern = typeof shared === 'string' ? shared : structuredClone(shared);
    return this.#codec.incoming<ReadPacket>({ pattern, data }, data, isWanted);
  }
}

const yes = () => true;
const no = () => false;

const READINESS_CHECK: ServerRequest = {
  pattern: READINESS_PATTERN,
  data: undefined,
  metadata: {},
  attempt: 1,
  mayHaveRun: false,
  clientId: undefined,
  peer: undefined,
  arrivedAt: 0,
  deadlineAt: Infinity,
  remaining: () => Infinity,
};

/** Whether the handler that a peer's pattern leads to is the readiness check. */
export function isReadinessCheck(
  pattern: string,
  handler: MessageHandler,
  host: Pick<HandlerRunnerDeps, 'find'>,
): boolean {
  return MAY_BE_READINESS.test(pattern) && handler === host.find(READINESS_PATTERN);
}

/** A cheap test first. Nest reads patterns as JSON, in which every character can be written as an escape. */
const MAY_BE_READINESS = /PING|\\/;

/** As Nest's `getPatternAsString`, which only Nest 11.2.4, 12.0.4 and later have. */
export function patternAsText(pattern: unknown): string {
  // The protocol has refused deeply nested patterns (`isPattern`): this cannot overflow the stack.
  return typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
}
