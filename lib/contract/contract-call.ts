import { lastValueFrom, Observable } from 'rxjs';

/**
 * A call with one result: an Observable that can be awaited.
 *
 * - Nothing is sent before it is awaited or subscribed to.
 * - `await`, `then`, `catch` and `finally` share one call, which the first of them starts: awaiting it twice charges once.
 * - Each subscription is a call of its own, as with Nest's `send`. So are operators and `firstValueFrom`, and `retry` calls again.
 *
 * An event is sent at once instead, and once: awaiting it and subscribing to it tell how it went.
 *
 * What `pipe` returns is an Observable as any other: it cannot be awaited.
 *
 * @hideconstructor
 */
export class ContractCall<Result> extends Observable<Result> implements Promise<Result> {
  #result: Promise<Result> | undefined;

  /** As of a promise. Of several values the last one counts; without any it is `undefined`. */
  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is what it is for
  then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((result: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#shared().then(onFulfilled, onRejected);
  }

  /** As of a promise. */
  catch<Rejected = never>(
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Result | Rejected> {
    return this.#shared().catch(onRejected);
  }

  /** As of a promise. */
  finally(onFinally?: (() => void) | null): Promise<Result> {
    return this.#shared().finally(onFinally);
  }

  get [Symbol.toStringTag](): string {
    return 'ContractCall';
  }

  #shared(): Promise<Result> {
    // A result of the type `void` comes as no value at all.
    this.#result ??= lastValueFrom(this, { defaultValue: undefined as Result });
    return this.#result;
  }
}
