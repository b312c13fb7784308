import type { TracingChannel } from 'node:diagnostics_channel';

/**
 * One operation, published in the order of `TracingChannel.tracePromise`: `start`, `end`, then, perhaps much later, `error` if it
 * failed, `asyncStart`, `asyncEnd`. An operation that ends while it starts is no exception: its end is published after `end`.
 */
export class TracedOperation<Message extends object> {
  readonly #channel: TracingChannel<unknown, Message>;
  readonly #message: Message;
  #isStarting = false;
  /** How it has ended while it started; undefined if it has not. */
  #endedAtOnce: { readonly hasFailed: boolean } | undefined;

  constructor(channel: TracingChannel<unknown, Message>, message: Message) {
    this.#channel = channel;
    this.#message = message;
  }

  /** @throws what `run` throws */
  start(run: () => void): void {
    const { start, end } = this.#channel;
    this.#isStarting = true;
    try {
      start.runStores(this.#message, run);
    } finally {
      end.publish(this.#message);
      this.#isStarting = false;
      if (this.#endedAtOnce) this.#publishEnd(this.#endedAtOnce.hasFailed);
    }
  }

  /** To be called once, with the message complete. */
  ended(hasFailed: boolean): void {
    if (this.#isStarting) this.#endedAtOnce = { hasFailed };
    else this.#publishEnd(hasFailed);
  }

  #publishEnd(hasFailed: boolean): void {
    const { error, asyncStart, asyncEnd } = this.#channel;
    if (hasFailed) error.publish(this.#message);
    asyncStart.publish(this.#message);
    asyncEnd.publish(this.#message);
  }
}
