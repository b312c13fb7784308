import { Observable, type Subscriber, type TeardownLogic } from 'rxjs';

/**
 * A call with any number of values: an Observable for `for await`.
 *
 * - Nothing is sent before it is read or subscribed to.
 * - Each `for await` is a call of its own, with backpressure: the server sends more only as values are read, and leaving the
 *   loop cancels it. (Over another transport of Nest, values are kept here until they are read.)
 * - Each subscription is a call of its own, as with Nest's `send`, whose values arrive as fast as the handler yields them.
 *
 * @hideconstructor
 */
export class ContractStream<Value> extends Observable<Value> implements AsyncIterable<Value> {
  readonly #iterate: () => AsyncGenerator<Value, void, undefined>;

  /** @internal */
  constructor(
    subscribe: (subscriber: Subscriber<Value>) => TeardownLogic,
    iterate: () => AsyncGenerator<Value, void, undefined>,
  ) {
    super(subscribe);
    this.#iterate = iterate;
  }

  /** Makes a call, which starts when the first value is asked for. */
  [Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
    return this.#iterate();
  }

  /** Its name in error messages and debuggers. */
  get [Symbol.toStringTag](): string {
    return 'ContractStream';
  }
}
