import { CreditWindow } from '../../core/credit-window.js';
import type { RetryPolicy } from '../../core/retry.js';
import type { Body } from '../../protocol/body.js';
import type { Metadata, Pattern } from '../../protocol/headers.js';
import type { Id } from '../../protocol/messages.js';
import { Experience } from './experience.js';
import type { ServerLink } from './server-link.js';

/** What a caller asks for. */
export interface CallRequest extends Omit<RetryPolicy, 'elsewhere'> {
  /** An event has no answer: it is complete once a server has accepted it. */
  readonly kind: 'request' | 'event';
  readonly pattern: Pattern;
  readonly body: Body;
  readonly metadata?: Metadata | undefined;
  /** How long one attempt may wait for its first value, in ms. */
  readonly requestTimeout: number;
  /** How long the whole call may take, in ms; Infinity for no deadline. */
  readonly timeout: number;
  /** Whether the caller tells when it has read a value, by `CallHandle.read`; else it has at once. */
  readonly paced?: boolean;
}

/** What a caller holds of an open call. */
export interface CallHandle {
  /** Ends the caller's interest: its observer hears nothing more. */
  cancel(): void;
  /** One more value was read, so that another one may come. */
  read(): void;
}

/** Gets what comes of a call: any number of values, then exactly one end. */
export interface CallObserver {
  next(value: unknown): void;
  complete(): void;
  error(error: unknown): void;
}

/** One try of a call at one server. */
export class Attempt {
  /**
   * What it is called on the wire. Unlike that of any other: a server that had an earlier attempt may have
   * answered it before it heard the CANCEL, and that is no answer to this one.
   */
  readonly id: Id;
  #window: CreditWindow | undefined;
  /** Whether its link is done with it. What still comes of it is heard no more. */
  hasLeft = false;

  constructor(
    readonly call: Call,
    readonly link: ServerLink,
    /** Which try this is among those that a server may have run, from 1. */
    readonly number: number,
    readonly sentAt: number,
  ) {
    this.id = number === 1 ? String(call.number) : `${call.number}.${number}`;
  }

  /** How far the server may run ahead of the caller. */
  get window(): CreditWindow {
    return (this.#window ??= new CreditWindow());
  }
}

/** What a call waits for. `done` is final. */
type Phase =
  | { name: 'new' }
  | { name: 'waiting'; since: number }
  | { name: 'in flight'; attempt: Attempt }
  | { name: 'done' };

const NEW: Phase = { name: 'new' };
const DONE: Phase = { name: 'done' };

/** Who has a call open, and acts for it. */
export interface CallOwner {
  /** The moment has come that was scheduled for the call. */
  due(call: Call, now: number): void;
  /** Its caller is no longer interested. */
  cancelled(call: Call): void;
  /** Its caller has read a value. */
  read(call: Call): void;
}

/** One open call: where it stands, and what it has been through. It is also its caller's handle. */
export class Call implements CallHandle {
  /** When something is to be done about it, if nothing happens before. Kept by the open calls. */
  dueAt = Infinity;

  #phase: Phase = NEW;
  #experience: Experience | undefined;
  /** Attempts that a server may have run. */
  handedOver = 0;
  /** Whether a value has reached the caller. */
  answered = false;
  readonly deadlineAt: number;
  readonly #owner: CallOwner;

  constructor(
    readonly number: number,
    readonly request: CallRequest,
    readonly observer: CallObserver,
    readonly startedAt: number,
    /** How much longer it may wait for a server in all, in ms. */
    public patience: number,
    owner: CallOwner,
    /** The one server that it is for, if it is not for any. */
    readonly only: ServerLink | undefined,
  ) {
    this.deadlineAt = startedAt + request.timeout;
    this.#owner = owner;
  }

  get isDone(): boolean {
    return this.#phase === DONE;
  }

  get attempt(): Attempt | undefined {
    return this.#phase.name === 'in flight' ? this.#phase.attempt : undefined;
  }

  /** Undefined for a call that has not failed anywhere. */
  get experience(): Experience | undefined {
    return this.#experience;
  }

  /** Attempts that were lost with their server. */
  get losses(): number {
    return this.#experience?.losses ?? 0;
  }

  /** Whether some server is not to be asked, so that another call may find one where this does not. */
  get isChoosy(): boolean {
    return this.only !== undefined || (this.#experience?.isChoosy ?? false);
  }

  flyTo(attempt: Attempt): void {
    this.#phase = { name: 'in flight', attempt };
    this.handedOver++;
  }

  failedAt(attempt: Attempt, outcome: string): Experience {
    this.#experience ??= new Experience();
    this.#experience.report(attempt, outcome);
    return this.#experience;
  }

  /** The attempt did not run. */
  barred(attempt: Attempt, by: 'server' | 'connection', outcome: string): void {
    this.handedOver--;
    this.failedAt(attempt, outcome).barred(attempt, by);
  }

  waitSince(now: number): void {
    this.#phase = { name: 'waiting', since: now };
  }

  waitedUntil(now: number): void {
    if (this.#phase.name === 'waiting') this.patience -= now - this.#phase.since;
  }

  /** Takes it out of every phase, and returns the attempt that this leaves behind. */
  finish(): Attempt | undefined {
    const { attempt } = this;
    this.#phase = DONE;
    return attempt;
  }

  due(now: number): void {
    this.#owner.due(this, now);
  }

  cancel(): void {
    this.#owner.cancelled(this);
  }

  read(): void {
    this.#owner.read(this);
  }
}
