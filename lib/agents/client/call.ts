import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { AttemptReport } from '../../core/freelance-error.js';
import type { CallExperience } from '../../core/pool.js';
import type { RetryPolicy } from '../../core/retry.js';
import type { Body } from '../../protocol/body.js';
import type { Metadata, Pattern } from '../../protocol/headers.js';
import type { Task } from '../agenda.js';
import type { ServerLink } from './server-link.js';

/** What a caller asks for. */
export interface CallRequest extends RetryPolicy {
  readonly pattern: Pattern;
  readonly body: Body;
  readonly metadata?: Metadata;
  /** How long one attempt may wait for its first value, in ms. */
  readonly requestTimeout: number;
  /** How long the whole call may take, in ms; Infinity for no deadline. */
  readonly timeout: number;
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
  /** On which connection each server refused it. */
  readonly #refusals = new Map<ServerLink, number>();
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
  ) {
    this.patience = patience;
    this.deadlineAt = startedAt + request.timeout;
    this.#onDue = onDue;
  }

  get attempt(): Attempt | undefined {
    return this.phase.name === 'in flight' ? this.phase.attempt : undefined;
  }

  wasRefusedBy(link: ServerLink): boolean {
    return this.#refusals.get(link) === link.epoch;
  }

  wasTriedAt(link: ServerLink): boolean {
    return this.#triedAt.has(link);
  }

  /** Whether some server is not to be asked, so that another call may find one where this does not. */
  get isChoosy(): boolean {
    return this.#refusals.size > 0;
  }

  flyTo(attempt: Attempt): void {
    this.phase = { name: 'in flight', attempt };
    this.handedOver++;
  }

  refused({ link }: Attempt): void {
    this.handedOver--;
    this.#refusals.set(link, link.epoch);
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
