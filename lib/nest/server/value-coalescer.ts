import type { ServerCall } from '../../agents/server/server-call.js';
import type { ServerErrorKind } from '../../agents/server/server-stats.js';
import { asMicrotask } from '../../node-timers.js';
import { type Body, encodeBody } from '../../protocol/body.js';
import type { ErrorLog } from '../bounded-log.js';

/** The value as it is sent; undefined if it cannot be: then the call has failed, and the log says why. */
export function bodyOf(value: unknown, call: ServerCall, logger: ErrorLog): Body | undefined {
  try {
    return encodeBody(value);
  } catch (error) {
    logger.error('unwritable result', error);
    call.fail({ status: 'error', message: 'The result cannot be written as JSON' });
    return undefined;
  }
}

/**
 * Sends the values that a handler yields. It holds the latest value back for a microtask: if the end follows at once, as it
 * does after a single value, both go in one message.
 */
export class ValueCoalescer {
  readonly #call: ServerCall;
  readonly #logger: ErrorLog;
  #held: Body | undefined;
  #willFlush = false;

  constructor(call: ServerCall, logger: ErrorLog) {
    this.#call = call;
    this.#logger = logger;
  }

  next(value: unknown): void {
    this.#flush();
    this.#held = bodyOf(value, this.#call, this.#logger);
    if (this.#willFlush) return;
    this.#willFlush = true;
    asMicrotask(() => {
      this.#willFlush = false;
      this.#flush();
    });
  }

  complete(): void {
    const body = this.#held;
    this.#held = undefined;
    if (body) this.#call.last(body);
    else this.#call.complete();
  }

  error(error: unknown, kind: ServerErrorKind): void {
    this.#flush();
    this.#call.error(error, kind);
  }

  #flush(): void {
    const body = this.#held;
    this.#held = undefined;
    if (body) this.#call.next(body);
  }
}
