import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom, type Observable } from 'rxjs';
import { hookFailure } from '../../core/hook-failure.js';
import type { HandlerRunDeps } from './handler-run.js';
import type { ServerErrorKind } from '../../agents/server/server-stats.js';
import type { FreelanceContext } from './freelance-context.js';

/** An event that was not handled as its sender meant it. It is logged already: nobody else is told. */
export class EventFailure {
  constructor(
    readonly kind: ServerErrorKind,
    readonly error: unknown,
  ) {}
}

/**
 * Runs the handlers of one event between Nest's two processing hooks.
 *
 * @returns resolves once they have ended, including an Observable that they returned, with how one of them failed; rejects
 *   with what a hook, or an exception filter, throws
 */
export function runEvent(
  handler: MessageHandler,
  data: unknown,
  context: FreelanceContext,
  hooks: Pick<HandlerRunDeps, 'start' | 'end'>,
): Promise<EventFailure | undefined> {
  return new Promise((resolve, reject) => {
    let hasBegun = false;
    const run = async () => {
      hasBegun = true;
      let failure: EventFailure | undefined;
      try {
        const result: unknown = await handler(data, context);
        // Nest's exception filters have seen its error, and logged it.
        if (isObservable(result)) failure = await failureOf(result);
      } catch (error) {
        reject(error);
      }
      try {
        hooks.end(context);
      } catch (error) {
        reject(error);
      }
      resolve(failure);
    };
    const startHookFailed = (error: unknown) =>
      reject(hookFailure('setOnProcessingStartHook', error));
    try {
      const started = hooks.start(context, run);
      // A hook need not return the run's promise. One that never calls `run` drops the event.
      Promise.resolve(started).then(() => hasBegun || resolve(undefined), startHookFailed);
    } catch (error) {
      startHookFailed(error);
    }
  });
}

async function failureOf(values: Observable<unknown>): Promise<EventFailure | undefined> {
  try {
    await lastValueFrom(values, NOTHING);
    return undefined;
  } catch (error) {
    return new EventFailure('HANDLER', error);
  }
}

const NOTHING = { defaultValue: undefined };
