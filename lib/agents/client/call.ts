import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { CreditWindow } from '../../core/credit-window.js';
import type { AttemptReport } from '../../core/freelance-error.js';
import type { CallExperience } from '../../core/pool.js';
import type { RetryPolicy } from '../../core/retry.js';
import type { Body } from '../../protocol/body.js';
import type { Metadata, Pattern } from '../../protocol/headers.js';
import type { Task } from '../agenda.js';
import type { ServerLink } from './server-link.js';

/** What a caller asks for. */
export interface CallRequest extends Omit<RetryPolicy, 'elsewhere'> {
  /** An event has no answer: it is complete once a server has accepted it. */
  readonly kind: 'request' | 'event';
  readonly pattern: Pattern;
  readonly body: Body;
  readonly metadata?: Metadata;
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
export interface Attempt {
  readonly call: Call;
  readonly link: ServerLink;
  /** Which try this is among those that a server may have run, from 1. */
  readonly number: number;
  readonly sentAt: number;
  /** How far the server may run ahead of the caller. */
  readonly window: CreditWindow;
}

/** What a call waits for. `done` is final. */
type Phase =
  | { name: 'new' }
  | { name: 'waiting'; since: number }
  | { name: 'in flight'; attempt: Attempt }
  | { name: 'done' };

/** One open call: where it stands, and what it has been through. */
export class Call implements Task, CallExperience<ServerLink> {
  dueAt = Infinity;
  place = NOT_QUEUED;

  phase: Phase = { name: 'new' };
  readonly reports: AttemptReport[] = [];
  /** On which connection each server refused it, or could not get it. */
  readonly #barred = new Map<ServerLink, { epoch: number; by: 'server' | 'connection' }>();
  readonly #triedAt = new Set<ServerLink>();
  /** Attempts that a server may have run. */
  handedOver = 0;
  /** Whether a value has reached the caller. */
  answered = false;
  /** How much longer it may wait for a server in all, in ms. */
  patience: number;
  readonly deadlineAt: number;
  readonly #onDue: (call: Call, now: number) => void;

  constructor(
    readonly id: string,
    readonly request: CallRequest,
    readonly observer: CallObserver,
    readonly startedAt: number,
    patience: number,
    onDue: (call: Call, now: number) => void,
    /** The one server that it is for, if it is not for any. */
    readonly only?: ServerLink,
  ) {
    this.patience = patience;
    this.deadlineAt = startedAt + request.timeout;
    this.#onDue = onDue;
  }

  get attempt(): Attempt | undefined {
    return this.phase.name === 'in flight' ? this.phase.attempt : undefined;
  }

  cannotGoTo(link: ServerLink): boolean {
    return this.#barred.get(link)?.epoch === link.epoch;
  }

  wasRefusedBy(link: ServerLink): boolean {
    return this.cannotGoTo(link) && this.#barred.get(link)?.by === 'server';
  }

  wasTriedAt(link: ServerLink): boolean {
    return this.#triedAt.has(link);
  }

  /** Whether some server is not to be asked, so that another call may find one where this does not. */
  get isChoosy(): boolean {
    return this.only !== undefined || this.#barred.size > 0;
  }

  flyTo(attempt: Attempt): void {
    this.phase = { name: 'in flight', attempt };
    this.handedOver++;
  }

  /** The attempt did not run. */
  barred({ link }: Attempt, by: 'server' | 'connection'): void {
    this.handedOver--;
    this.#barred.set(link, { epoch: link.epoch, by });
  }

  tried({ link }: Attempt): void {
    this.#triedAt.add(link);
  }

  waitSince(now: number): void {
    this.phase = { name: 'waiting', since: now };
  }

  waitedUntil(now: number): void {
    if (this.phase.name === 'waiting') this.patience -= now - this.phase.since;
  }

  run(now: number): void {
    this.#onDue(this, now);
  }
}
