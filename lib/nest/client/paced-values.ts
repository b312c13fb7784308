import type { Observable } from 'rxjs';
import type { CallHandle } from '../../agents/client/call.js';
import { FreelanceRecord } from './freelance-record.js';

/** A record whose reader tells when it has read a value. */
export class PacedRecord<T = unknown> extends FreelanceRecord<T> {
  /** Set once the call is open. */
  handle: CallHandle | undefined;
}

/**
 * The values of a call as they are read: the server is asked for more only then, so that no more than a
 * window of them waits here. Leaving the loop cancels the call.
 */
export async function* pacedValues<T>(
  record: PacedRecord,
  send: (record: PacedRecord) => Observable<T>,
): AsyncGenerator<T, void, undefined> {
  const inbox = new Inbox<T>();
  const subscription = send(record).subscribe(inbox);
  try {
    for (;;) {
      for (const value of inbox.take()) {
        record.handle?.read();
        yield value;
      }
      if (inbox.isAtEnd) return;
      await inbox.news();
    }
  } finally {
    subscription.unsubscribe();
  }
}

/** What has come of a call and was not read yet. */
class Inbox<T> {
  #values: T[] = [];
  #end: 'complete' | { error: unknown } | undefined;
  #wake: (() => void) | undefined;

  next(value: T): void {
    this.#values.push(value);
    this.#wake?.();
  }

  complete(): void {
    this.#end = 'complete';
    this.#wake?.();
  }

  error(error: unknown): void {
    this.#end = { error };
    this.#wake?.();
  }

  take(): T[] {
    return this.#values.splice(0);
  }

  /** @throws the error that the call ended with */
  get isAtEnd(): boolean {
    if (this.#values.length > 0 || !this.#end) return false;
    if (this.#end === 'complete') return true;
    throw this.#end.error;
  }

  async news(): Promise<void> {
    if (this.#values.length > 0 || this.#end) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}
