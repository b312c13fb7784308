import { Observable, type Observer, type Subscription } from 'rxjs';

/**
 * A call with one result: an Observable that can be awaited.
 *
 * - Nothing is sent before it is awaited or subscribed to.
 * - `await`, `then`, `catch` and `finally` share one call, which the first of them starts: awaiting it twice charges once. The
 *   option `signal` cancels it.
 * - Each subscription is a call of its own, as with Nest's `send`. So are operators and `firstValueFrom`, and `retry` calls again.
 *
 * An event is sent at once instead, and once: awaiting it and subscribing to it tell how it went.
 *
 * What `pipe` returns is an Observable as any other: it cannot be awaited.
 *
 * @hideconstructor
 */
export class ContractCall<Result> extends Observable<Result> implements Promise<Result> {
  readonly #start: () => Observable<Result>;
  #result: Promise<Result> | undefined;

  /** @internal */
  constructor(start: () => Observable<Result>) {
    super();
    this.#start = start;
  }

  /** Makes a call. Unsubscribing cancels it. */
  override subscribe(
    observerOrNext?: Partial<Observer<Result>> | ((value: Result) => void),
  ): Subscription;
  /** @deprecated as in rxjs: pass an observer */
  override subscribe(
    next?: ((value: Result) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  // Not a function for the constructor of `Observable`, which would put a second Observable around that of each call.
  override subscribe(
    observerOrNext?: Partial<Observer<Result>> | ((value: Result) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (!error && !complete) return this.#start().subscribe(observerOrNext ?? undefined);
    return this.#start().subscribe(observerOrNext as (value: Result) => void, error, complete);
  }

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

  /** Its name in error messages and debuggers. */
  get [Symbol.toStringTag](): string {
    return 'ContractCall';
  }

  #shared(): Promise<Result> {
    this.#result ??= new Promise<Result>((resolve, reject) => {
      this.subscribe(new LastValue(resolve, reject));
    });
    return this.#result;
  }
}

/** As `lastValueFrom` of rxjs, but one object in place of four functions. A result of the type `void` comes as no value. */
class LastValue<Value> implements Observer<Value> {
  readonly #resolve: (value: Value) => void;
  readonly error: (error: unknown) => void;
  #value: Value | undefined;

  constructor(resolve: (value: Value) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve;
    this.error = reject;
  }

  next(value: Value): void {
    this.#value = value;
  }

  complete(): void {
    this.#resolve(this.#value as Value);
  }
}
