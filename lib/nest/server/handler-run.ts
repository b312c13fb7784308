import type { MessageHandler } from '@nestjs/microservices';
import type { ServerCall } from '../../agents/server/server-call.js';
import type { PacketCodec } from '../packet-codec.js';
import type { FreelanceContext } from './freelance-context.js';
import { INTERNAL_ERROR } from './nest-words.js';
import { shownToCaller } from './rpc-error.js';
import type { ErrorLog } from './replies.js';
import { reply, type ReplyRun } from './reply.js';

/** Nest's hooks around a handler, and its log. */
export interface RunHost {
  readonly logger: ErrorLog;
  start(context: FreelanceContext, run: () => Promise<void>): unknown;
  end(context: FreelanceContext): void;
}

/** One run of a handler for one call, between Nest's two processing hooks. */
export class HandlerRun implements ReplyRun {
  readonly #handler: MessageHandler;
  readonly #context: FreelanceContext;
  readonly #host: RunHost;
  #hasBegun = false;
  #hasReturned = false;
  /** What of the handler's goes on after that. */
  #runningOn = 0;

  constructor(
    readonly call: ServerCall,
    readonly codec: PacketCodec,
    handler: MessageHandler,
    context: FreelanceContext,
    host: RunHost,
  ) {
    this.#handler = handler;
    this.#context = context;
    this.#host = host;
  }

  get logger(): ErrorLog {
    return this.#host.logger;
  }

  start(data: unknown): void {
    this.call.handlerBegan();
    try {
      const started = this.#host.start(this.#context, () => this.#run(data));
      Promise.resolve(started).then(
        () => this.#hasBegun || this.call.handlerEnded(),
        (error: unknown) => this.#hookFailed(error),
      );
    } catch (error) {
      this.#hookFailed(error);
    }
  }

  get isWanted(): boolean {
    return this.call.isWanted;
  }

  untilOpen(): Promise<void> {
    return this.call.untilOpen();
  }

  failure(error: unknown): unknown {
    return shownToCaller(error, this.logger);
  }

  /** Something of the handler's goes on, whatever becomes of the call: until that settles it has not ended. */
  runsOn(work: () => Promise<unknown>): void {
    this.#runningOn++;
    work()
      .catch((error: unknown) => this.logger.error('handler', error))
      .finally(() => {
        this.#runningOn--;
        this.#mayHaveEnded();
      });
  }

  /** The handler has returned, and yields nothing more, whichever way. */
  ended(): void {
    if (this.#hasReturned) return;
    this.#hasReturned = true;
    this.#mayHaveEnded();
  }

  #mayHaveEnded(): void {
    if (!this.#hasReturned || this.#runningOn > 0) return;
    this.call.handlerEnded();
    try {
      this.#host.end(this.#context);
    } catch (error) {
      this.logger.error('hook', error);
    }
  }

  async #run(data: unknown): Promise<void> {
    this.#hasBegun = true;
    // A hook may have taken its time.
    if (!this.call.isWanted) {
      this.ended();
      return;
    }
    try {
      const result: unknown = await this.#handler(data, this.#context);
      await reply(result, this);
    } catch (error) {
      // Nest's filters have caught what handlers throw: only a filter itself can, and says nothing.
      this.ended();
      broke(this.call, error, this.logger);
    }
  }

  #hookFailed(error: unknown): void {
    if (this.#hasBegun) {
      this.logger.error('hook', error);
    } else {
      broke(this.call, error, this.logger);
      this.call.handlerEnded();
    }
  }
}

/** Something failed that is not the caller's to know: the log tells it. */
export function broke(call: ServerCall, error: unknown, logger: RunHost['logger']): void {
  logger.error('call', error);
  call.error(INTERNAL_ERROR);
}
