import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { RunHost } from './handler-run.js';
import type { FreelanceContext } from './freelance-context.js';

/**
 * Runs the handlers of one event between Nest's two processing hooks.
 *
 * @returns resolves when they have ended, an Observable that they returned included; rejects with what a
 *   hook, or a filter of the user's, throws
 */
export function runEvent(
  handler: MessageHandler,
  data: unknown,
  context: FreelanceContext,
  { start, end }: Pick<RunHost, 'start' | 'end'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let hasBegun = false;
    const run = async () => {
      hasBegun = true;
      try {
        const result: unknown = await handler(data, context);
        // Nest's filters have seen its errors, and told the log.
        if (isObservable(result)) await lastValueFrom(result, NOTHING).catch(() => {});
      } catch (error) {
        reject(error);
      }
      try {
        end(context);
      } catch (error) {
        reject(error);
      }
      resolve();
    };
    // A hook need not return what it runs; one that runs nothing keeps the event from its handlers.
    Promise.resolve(start(context, run)).then(() => hasBegun || resolve(), reject);
  });
}

const NOTHING = { defaultValue: undefined };
