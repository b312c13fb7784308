import 'reflect-metadata';
import type { MessageHandler } from '@nestjs/microservices';
import { FreelanceError } from '../../core/freelance-error.js';

/** Where `@MessagePattern` and `@EventPattern` keep extras, and add to those that are there (PATTERN_EXTRAS_METADATA). */
const PATTERN_EXTRAS = 'microservices:pattern_extras';

/** The same of every copy of this library. Not the name that `extras` has: those of a pattern cannot undo it. */
const AT_MOST_ONCE = Symbol.for('nestjs-freelance:atMostOnce');

type Extras = Readonly<Record<string | symbol, unknown>>;

/**
 * A handler that must not run twice for one call: one that charges a card, or sends a letter.
 *
 * ```ts
 * @AtMostOnce()
 * @MessagePattern('charge')
 * charge(order: Order) { … }
 * ```
 *
 * Above or below `@MessagePattern` or `@EventPattern`, whose option `extras: { atMostOnce: true }` says the same. The
 * server tells its clients. They send a call of such a pattern to one more server only while it is certain that it has
 * not run, whatever `setIdempotent` and `setHedge` say; else it fails with `ETIMEDOUT` or `ECONNRESET`, and
 * `error.mayHaveRun` says that it may have run. All handlers of the pattern are meant, at all servers that such a client
 * knows.
 *
 * It holds for one call, and for peers that follow PROTOCOL.md. Clients of the older dialects do not say that a request
 * is a repetition; and who calls again after an error makes another call: give it a key that your handler knows again.
 *
 * @throws FreelanceError `BAD_OPTIONS` if it does not decorate a method
 */
export function AtMostOnce(): MethodDecorator {
  return (_target: object, key: string | symbol, descriptor?: PropertyDescriptor) => {
    const handler: unknown = descriptor?.value;
    if (typeof handler !== 'function') {
      throw new FreelanceError(
        'BAD_OPTIONS',
        `@AtMostOnce() is for a method that handles a pattern, but decorates ${String(key)}.`,
      );
    }
    const extras = Reflect.getMetadata(PATTERN_EXTRAS, handler) as Extras | undefined;
    Reflect.defineMetadata(PATTERN_EXTRAS, { ...extras, [AT_MOST_ONCE]: true }, handler);
  };
}

/** @throws FreelanceError `BAD_OPTIONS` if they say neither yes nor no */
export function isAtMostOnce(extras: Extras | undefined, pattern?: unknown): boolean {
  const { atMostOnce = false } = extras ?? {};
  if (typeof atMostOnce !== 'boolean') {
    throw new FreelanceError(
      'BAD_OPTIONS',
      `The extras of ${JSON.stringify(pattern)} have an atMostOnce that must be true or false, but is ` +
        `${JSON.stringify(atMostOnce)}.`,
    );
  }
  return atMostOnce || extras?.[AT_MOST_ONCE] === true;
}

/** Whether one of the handlers of a pattern, which are a list, must not run twice for one call. */
export function runsAtMostOnce(first: MessageHandler | null | undefined): boolean {
  for (let handler = first; handler; handler = handler.next) {
    if (isAtMostOnce(handler.extras)) return true;
  }
  return false;
}
