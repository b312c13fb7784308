import type { Observable, Unsubscribable } from 'rxjs';
import type { CallHandle } from '../../agents/client/call-contract.js';
import { FreelanceRecord } from './freelance-record.js';

/** A record of `iterate`: its reader says when it has read a value. */
export class PacedRecord<T = unknown> extends FreelanceRecord<T> {
  /** Set once the call is open. */
  handle: CallHandle | undefined;
}

type Result<T> = IteratorResult<T, void>;

/** A `next()` that waits for a value. */
interface Asker<T> {
  resolve(result: Result<T>): void;
  reject(error: unknown): void;
}

/**
 * The values of a call for `for await`. The server is asked for more only as they are read, so that at most one credit
 * window of them waits here.
 *
 * Not an `async function*`: its `return()` would wait for the pending `next()`, which a silent server may never answer.
 * Here `return()` cancels the call at once.
 */
export class PacedValues<T> implements AsyncGenerator<T, void, undefined> {
  readonly #record: PacedRecord;
  readonly #send: (record: PacedRecord) => Observable<T>;
  readonly #values: T[] = [];
  readonly #askers: Asker<T>[] = [];
  #subscription: Unsubscribable | undefined;
  #failure: { readonly error: unknown } | undefined;
  #hasEnded = false;

  constructor(record: PacedRecord, send: (record: PacedRecord) => Observable<T>) {
    this.#record = record;
    this.#send = send;
  }

  async next(): Promise<Result<T>> {
    if (this.#values.length > 0) return this.#read(this.#values.shift() as T);
    if (this.#hasEnded) return this.#endOnce();
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      this.#subscription ??= this.#subscribe();
    });
  }

  /** Cancels the call. A pending `next()` is done. */
  async return(value?: void | PromiseLike<void>): Promise<Result<T>> {
    this.#leave();
    return { done: true, value: await value };
  }

  /** Cancels the call. */
  async throw(error: unknown): Promise<Result<T>> {
    this.#leave();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  get [Symbol.toStringTag](): string {
    return 'AsyncGenerator';
  }

  #subscribe(): Unsubscribable {
    return this.#send(this.#record).subscribe({
      next: (value) => {
        const asker = this.#askers.shift();
        if (asker) asker.resolve(this.#read(value));
        else this.#values.push(value);
      },
      complete: () => this.#ended(),
      error: (error: unknown) => {
        this.#failure = { error };
        this.#ended();
      },
    });
  }

  #read(value: T): Result<T> {
    this.#record.handle?.read();
    return { done: false, value };
  }

  #ended(): void {
    this.#hasEnded = true;
    for (const asker of this.#askers.splice(0)) {
      this.#endOnce().then(
        (result) => asker.resolve(result),
        (error: unknown) => asker.reject(error),
      );
    }
  }

  /** The first `next()` after the last value gets the call's error, if it failed; later ones are done. */
  async #endOnce(): Promise<Result<T>> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
    return { done: true, value: undefined };
  }

  #leave(): void {
    this.#values.length = 0;
    this.#failure = undefined;
    this.#subscription?.unsubscribe();
    this.#ended();
  }
}
