import { Notifications } from '../notifications.js';
import type { CallObserver, Judge } from './call-contract.js';

/** Is told what comes of a call. */
export interface Receiver {
  readonly observer: CallObserver;
  /** False once its caller has cancelled. */
  readonly isHeard: boolean;
}

interface JudgedError {
  readonly error: unknown;
  readonly judge: Judge;
}

/**
 * The notifications of a client: also the values and ends of its calls. A caller that has cancelled hears nothing that was
 * queued before. What callbacks and questions cancel, add, remove or close is deferred by `whenDone` until the transition is
 * over; a call begins at once.
 */
export class CallNotifications extends Notifications {
  next(receiver: Receiver, value: unknown): void {
    this.tell(sayNext, receiver, value);
  }

  /** The only value, or the last one. */
  last(receiver: Receiver, value: unknown): void {
    this.tell(sayLast, receiver, value);
  }

  complete(receiver: Receiver): void {
    this.tell(sayComplete, receiver);
  }

  error(receiver: Receiver, error: unknown, judge?: Judge | false): void {
    if (judge) this.tell(sayJudged, receiver, { error, judge });
    else this.tell(sayError, receiver, error);
  }
}

function sayNext(receiver: Receiver, value: unknown): void {
  if (receiver.isHeard) receiver.observer.next(value);
}

function sayLast(receiver: Receiver, value: unknown): void {
  try {
    sayNext(receiver, value);
  } finally {
    sayComplete(receiver);
  }
}

function sayComplete(receiver: Receiver): void {
  if (receiver.isHeard) receiver.observer.complete();
}

function sayError(receiver: Receiver, error: unknown): void {
  if (receiver.isHeard) receiver.observer.error(error);
}

function sayJudged(receiver: Receiver, { error, judge }: JudgedError): void {
  if (receiver.isHeard) receiver.observer.error(error, judge);
}
