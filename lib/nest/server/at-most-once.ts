import 'reflect-metadata';
import type { MessageHandler } from '@nestjs/microservices';
import { FreelanceError } from '../../core/freelance-error.js';

/** Where `@MessagePattern` and `@EventPattern` keep their extras, merged with what is there (PATTERN_EXTRAS_METADATA). */
const PATTERN_EXTRAS = 'microservices:pattern_extras';

/** Shared by all copies of this library. Not the key `atMostOnce`, so that a pattern's own extras cannot undo it. */
const AT_MOST_ONCE = Symbol.for('nestjs-freelance:atMostOnce');

type Extras = Readonly<Record<string | symbol, unknown>>;

/**
 * Marks a handler that must not run twice for one call, such as one that charges a card or sends a letter.
 *
 * ```ts member
 * @AtMostOnce()
 * @MessagePattern('charge')
 * charge(@Payload() order: Order) {
 *   return this.bank.charge(order);
 * }
 * ```
 *
 * Place it above or below `@MessagePattern` or `@EventPattern`; their extras `{ atMostOnce: true }` say the same. The
 * server tells its clients, and they send a call of that pattern to another server only while it is certain that the call
 * has not run, whatever `setIdempotent` and `setHedge` say. Else the call fails with `ETIMEDOUT` or `ECONNRESET`, and
 * `error.mayHaveRun` is more than 0. It applies to all handlers of the pattern, at all servers that such a client knows.
 *
 * It holds for one call, and for peers that follow PROTOCOL.md. Clients of the older dialects do not mark repeated
 * requests. A caller that calls again after an error makes another call: have it send a key by which your handler
 * recognizes the repetition.
 *
 * @throws FreelanceError `BAD_OPTIONS` if it decorates anything but a method
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

/** Whether one handler is marked. @throws FreelanceError `BAD_OPTIONS` if `atMostOnce` is neither true nor false */
export function isMarkedAtMostOnce(extras: Extras | undefined, pattern?: unknown): boolean {
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

/** Whether any handler of a pattern must not run twice for one call. @param first the head of their linked list */
export function runsAtMostOnce(first: MessageHandler | null | undefined): boolean {
  for (let handler = first; handler; handler = handler.next) {
    if (isMarkedAtMostOnce(handler.extras)) return true;
  }
  return false;
}
