import type { ServerCall } from '../../agents/server/server-call.js';
import { type Body, encodeBody } from '../../protocol/body.js';

/**
 * Sends what a handler yields. The latest value is held back for a moment: if the end follows at once,
 * as it does after a single value, both go in one message.
 */
export class Replies {
  readonly #call: ServerCall;
  readonly #unwritable: (error: unknown) => void;
  #held: Body | undefined;
  #willFlush = false;

  /** @param unwritable is told of values that cannot be sent; the call has then failed */
  constructor(call: ServerCall, unwritable: (error: unknown) => void) {
    this.#call = call;
    this.#unwritable = unwritable;
  }

  /** The one value of a call. */
  only(value: unknown): void {
    const body = this.#encode(value);
    if (body) this.#call.last(body);
  }

  next(value: unknown): void {
    this.#flush();
    this.#held = this.#encode(value);
    if (this.#willFlush) return;
    this.#willFlush = true;
    queueMicrotask(() => {
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

  #encode(value: unknown): Body | undefined {
    try {
      return encodeBody(value);
    } catch (error) {
      this.#unwritable(error);
      this.#call.fail({ status: 'error', message: 'The result cannot be written as JSON' });
      return undefined;
    }
  }
}
