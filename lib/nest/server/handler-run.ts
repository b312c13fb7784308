import type { MessageHandler } from '@nestjs/microservices';
import type { ServerCall } from '../../agents/server/server-call.js';
import { hookFailure } from '../../core/hook-failure.js';
import type { ErrorLog } from '../bounded-log.js';
import type { FreelanceContext } from './freelance-context.js';
import { INTERNAL_ERROR } from './nest-words.js';
import { shownToCaller } from './rpc-error.js';
import { sendResult, type SendResultDeps } from './send-result.js';
import type { TimedCodec } from './timed-codec.js';

/** Nest's processing hooks around a handler, and the log. */
export interface HandlerRunDeps {
  readonly logger: ErrorLog;
  start(context: FreelanceContext, run: () => Promise<void>): unknown;
  end(context: FreelanceContext): void;
}

/** One run of a handler for one call, between Nest's two processing hooks. */
export class HandlerRun implements SendResultDeps {
  readonly #handler: MessageHandler;
  readonly #context: FreelanceContext;
  readonly #host: HandlerRunDeps;
  #hasBegun = false;
  #hasReturned = false;
  /** How many pieces of the handler's work go on after it has returned. */
  #runningOn = 0;

  constructor(
    readonly call: ServerCall,
    readonly codec: TimedCodec,
    handler: MessageHandler,
    context: FreelanceContext,
    host: HandlerRunDeps,
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
        (error: unknown) => this.#startHookFailed(error),
      );
    } catch (error) {
      this.#startHookFailed(error);
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

  /** The handler has not ended before that work has settled, whatever becomes of the call. */
  runsOn(work: () => Promise<unknown>): void {
    this.#runningOn++;
    work()
      .catch((error: unknown) => this.logger.error('handler', error))
      .finally(() => {
        this.#runningOn--;
        this.#mayHaveEnded();
      });
  }

  /** The handler has returned and yields nothing more: it completed, failed, or was unsubscribed. */
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
      this.logger.error('hook', hookFailure('setOnProcessingEndHook', error));
    }
  }

  async #run(data: unknown): Promise<void> {
    this.#hasBegun = true;
    // The caller may have left while a hook ran.
    if (!this.call.isWanted) {
      this.ended();
      return;
    }
    try {
      const result: unknown = await this.#handler(data, this.#context);
      await sendResult(result, this);
    } catch (error) {
      // Nest's exception filters catch what handlers throw, so a filter itself has thrown, and nothing has been logged.
      this.ended();
      failInternally(this.call, error, this.logger);
    }
  }

  #startHookFailed(error: unknown): void {
    const failure = hookFailure('setOnProcessingStartHook', error);
    if (this.#hasBegun) {
      this.logger.error('hook', failure);
    } else {
      failInternally(this.call, failure, this.logger);
      this.call.handlerEnded();
    }
  }
}

/** Fails a call for a reason that its caller need not know: the log says why. */
export function failInternally(
  call: ServerCall,
  error: unknown,
  logger: HandlerRunDeps['logger'],
): void {
  logger.error('call', error);
  call.error(INTERNAL_ERROR, 'INTERNAL');
}
