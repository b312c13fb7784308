import type { MessageHandler, ReadPacket } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { MAY_HAVE_RUN } from '../../agents/server/intake.js';
import type { ServerRequest } from '../../agents/server/read-request.js';
import type { ServerCall } from '../../agents/server/server-call.js';
import type { ServerEvent } from '../../agents/server/server-event.js';
import { plainText } from '../../core/plain-text.js';
import { READINESS_PATTERN } from '../../protocol/untyped.js';
import { contentOf, type PacketCodec } from '../packet-codec.js';
import { type CallScope, FreelanceContext } from './freelance-context.js';
import { broke, HandlerRun, type RunHost } from './handler-run.js';
import { inTime } from './in-time.js';
import { NO_MESSAGE_HANDLER } from './nest-words.js';
import { valuesOf } from './values-of.js';

/** What the runner needs of Nest's `Server`. */
export interface RunnerHost extends RunHost {
  readonly serverId: string;
  find(pattern: string): MessageHandler | undefined;
  /** Whether some handler of the pattern, for calls or events, must not run twice for one call. */
  isAtMostOnce(pattern: string): boolean;
  /** Resolves when all handlers of the event have ended. */
  handleEvent(pattern: string, data: unknown, context: FreelanceContext): Promise<unknown>;
}

/** Events, and the question whether the server is ready, are nobody's to cancel. */
const NEVER_ABORTED: CallScope = { signal: new AbortController().signal };

/** Runs Nest's handlers for what clients ask. */
export class HandlerRunner {
  readonly #host: RunnerHost;
  readonly #codec: PacketCodec;
  readonly #listenerFailed = (error: unknown): void => this.#host.logger.error('listener', error);

  constructor(host: RunnerHost, codec: PacketCodec) {
    this.#host = host;
    this.#codec = codec;
  }

  handle(call: ServerCall): void {
    if (this.#codec.deserializes) {
      // It is the user's, too, and may take its time: the call holds its place until it has ended.
      call.handlerBegan();
      this.#deserialized(call.request, () => call.isWanted)
        .then((packet) => this.#run(call, packet))
        .catch((error: unknown) => this.#failed(call, error));
      return;
    }
    try {
      this.#run(call, call.request);
    } catch (error) {
      // A strategy of the user's may look handlers up in its own way.
      this.#failed(call, error);
    }
  }

  #failed(call: ServerCall, error: unknown): void {
    broke(call, error, this.#host.logger);
    if (this.#codec.deserializes) call.handlerEnded();
  }

  event(event: ServerEvent): void {
    const { request } = event;
    const deliver = async (packet: ReadPacket) => {
      const pattern = patternAsText(packet.pattern);
      // Only a deserializer makes another pattern of it: its sender has its ACK, but an earlier attempt may have run.
      if (request.mayHaveRun && this.#host.isAtMostOnce(pattern)) return;
      const context = new FreelanceContext(request, pattern, NEVER_ABORTED);
      await this.#host.handleEvent(pattern, contentOf(packet.data), context);
    };
    const delivered = this.#codec.deserializes
      ? this.#deserialized(request, () => request.remaining() > 0).then(deliver)
      : deliver(request);
    delivered
      .catch((error: unknown) => this.#host.logger.error('event', error))
      .finally(() => event.over());
  }

  /** What the handler of the reserved pattern says: ready, unless it throws or says `false`. */
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
      // That it throws is its answer: not ready.
      return false;
    }
  }

  #run(call: ServerCall, packet: ReadPacket): void {
    const host = this.#host;
    const pattern = patternAsText(packet.pattern);
    const handler = host.find(pattern);
    // The readiness check is the server's to ask, once at a time: nobody calls it.
    if (!handler || isReadinessCheck(pattern, handler, host)) {
      host.logger.warn(
        'no handler',
        `No handler of ${plainText(host.serverId)} for calls of the pattern ${plainText(pattern)}: ` +
          'its callers are told so. Is the client connected to the right service?',
      );
      call.error(NO_MESSAGE_HANDLER);
      if (this.#codec.deserializes) call.handlerEnded();
      return;
    }
    // A deserializer may have made another pattern of the one that the intake has seen.
    if (call.request.mayHaveRun && host.isAtMostOnce(pattern)) {
      call.decline('may-have-run', MAY_HAVE_RUN);
      if (this.#codec.deserializes) call.handlerEnded();
      return;
    }
    const context = new FreelanceContext(call.request, pattern, call, this.#listenerFailed);
    new HandlerRun(call, this.#codec, handler, context, host).start(contentOf(packet.data));
  }

  #deserialized(
    { pattern: shared, data }: ServerRequest,
    isWanted: () => boolean,
  ): Promise<ReadPacket> {
    // Calls whose headers are the same share their pattern; what a deserializer gets it may change.
    const pattern = typeof shared === 'string' ? shared : structuredClone(shared);
    const packet = this.#codec.incoming<ReadPacket>({ pattern, data }, data);
    return inTime.settled(packet, 'deserializer', isWanted);
  }
}

const READINESS_CHECK: ServerRequest = {
  pattern: READINESS_PATTERN,
  data: undefined,
  metadata: {},
  attempt: 1,
  mayHaveRun: false,
  clientId: undefined,
  peer: undefined,
  deadlineAt: Infinity,
  remaining: () => Infinity,
};

/** Whether what a peer's pattern leads to is the handler by which the server finds out whether it is ready. */
export function isReadinessCheck(
  pattern: string,
  handler: MessageHandler,
  host: Pick<RunnerHost, 'find'>,
): boolean {
  return MAY_BE_READINESS.test(pattern) && handler === host.find(READINESS_PATTERN);
}

/** Nest reads a pattern as JSON, in which each character has an escape, too. */
const MAY_BE_READINESS = /PING|\\/;

/** What Nest's `getPatternAsString` makes of it, which Nest has only since 11.2.4 and 12.0.4. */
export function patternAsText(pattern: unknown): string {
  // A peer's pattern is shallow by now (`isPattern`): this cannot overflow the stack.
  return typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
}
