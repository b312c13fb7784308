import type { ServerCall } from '../../agents/server/server-call.js';
import { asMicrotask } from '../../node-timers.js';
import { type Body, encodeBody } from '../../protocol/body.js';
import type { BoundedLog } from '../bounded-log.js';

export type ErrorLog = Pick<BoundedLog, 'error' | 'warn' | 'debug'>;

/** The value for the wire. Of one that cannot be sent the call fails, and the log tells why. */
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
 * Sends what a handler yields. The latest value is held back for a moment: if the end follows at once,
 * as it does after a single value, both go in one message.
 */
export class Replies {
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

  error(error: unknown): void {
    this.#flush();
    this.#call.error(error);
  }

  #flush(): void {
    const body = this.#held;
    this.#held = undefined;
    if (body) this.#call.next(body);
  }
}
