import { type HedgePolicy, Hedging, NO_HEDGES } from '../../core/hedging.js';
import type { AttemptFailure, RetryPolicy } from '../../core/retry.js';
import type { WaitingLine } from '../../core/waiting-line.js';
import type { Body } from '../../protocol/body.js';
import type { Metadata, Pattern } from '../../protocol/headers.js';
import type { Id } from '../../protocol/messages.js';
import type { Attempt } from './attempt.js';
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
  /** Calls of the same key go to the same server, if they can. */
  readonly routingKey?: string | undefined;
  /** Whether several servers may have it at a time. */
  readonly hedge?: HedgePolicy | undefined;
}

/** What a caller holds of an open call. */
export interface CallHandle {
  /** Ends the caller's interest: its observer hears nothing more. */
  cancel(): void;
  /** One more value was read, so that another one may come. */
  read(): void;
  /** How many servers may have run it so far. */
  readonly mayHaveRun: number;
}

/** Gets what comes of a call: any number of values, then exactly one end. */
export interface CallObserver {
  next(value: unknown): void;
  complete(): void;
  /**
   * @param judge if `judges`: to be told what the caller gets in the place of a server's error, once that is known
   */
  error(error: unknown, judge?: Judge): void;
  /** Whether it makes other errors of those that it gets. */
  readonly judges?: boolean;
}

/** Decides whether a server is to blame for an error. */
export type Judge = (error: unknown) => void;

/** Who has a call open, and acts for it. */
export interface CallOwner {
  /** The moment has come that was scheduled for the call. */
  due(call: Call, now: number): void;
  /** Its caller is no longer interested. */
  cancelled(call: Call): void;
  /** Its caller has read a value. */
  read(call: Call): void;
  /** Whether a server has said that handlers of that pattern must not run twice for one call. */
  isAtMostOnce(pattern: Pattern): boolean;
}

/**
 * One open call: its attempts in flight, and what it has been through. It is also its caller's handle. It
 * has attempts in flight, usually one, or waits for a server, or is done, which is final.
 */
export class Call implements CallHandle {
  /** When something is to be done about it, if nothing happens before. Kept by the open calls. */
  dueAt = Infinity;

  /** The attempt in flight that was sent last. The others are behind it. */
  latest: Attempt | undefined;
  #waitingSince: number | undefined;
  /** Where it waits, if it does. Kept by the waiting calls. */
  waitsIn: WaitingLine<Call> | undefined;
  /** Whether it has waited because no server was usable. Kept by the waiting calls. */
  isBacklog = false;
  isDone = false;
  #experience: Experience | undefined;
  /** Undefined if it is not to be hedged, or no more. */
  hedging: Hedging | undefined;
  /** Attempts made. */
  sent = 0;
  /** Those of them that a server may have run. */
  handedOver = 0;
  /** When the first of these went out. */
  firstSentAt = Infinity;
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
    this.hedging = request.hedge && !only ? new Hedging(request.hedge) : undefined;
    this.#owner = owner;
  }

  /** Undefined for a call that has not failed anywhere. */
  get experience(): Experience | undefined {
    return this.#experience;
  }

  /**
   * Whether it does no harm if several servers run it: its caller says so, and no server has said otherwise. Asked
   * anew each time, since a server may say so while the call is open.
   */
  get mayRunTwice(): boolean {
    return this.request.idempotent && !this.#owner.isAtMostOnce(this.request.pattern);
  }

  get retryPolicy(): RetryPolicy {
    return {
      maxAttempts: this.request.maxAttempts,
      idempotent: this.mayRunTwice,
      elsewhere: this.only === undefined,
    };
  }

  get mayHaveRun(): number {
    return this.handedOver;
  }

  /** Whether every attempt in flight has had no answer in its time. */
  get isLate(): boolean {
    return this.latest !== undefined && this.attempts.every(({ isLate }) => isLate);
  }

  /** Attempts that were lost with their server. */
  get losses(): number {
    return this.#experience?.losses ?? 0;
  }

  /** Whether some server is not to be asked, so that another call may find one where this does not. */
  get isChoosy(): boolean {
    return this.only !== undefined || (this.#experience?.isChoosy ?? false);
  }

  /** When the next of its times runs out, as long as it waits for its first value. */
  get nextDueAt(): number {
    let next = this.deadlineAt;
    for (let attempt = this.latest; attempt; attempt = attempt.previous) {
      next = Math.min(next, attempt.dueAt);
    }
    return this.hedging ? Math.min(next, this.hedging.dueAt) : next;
  }

  /** The attempt of that id at that server, if it is in flight. */
  attemptOf(id: Id, link: ServerLink): Attempt | undefined {
    let attempt = this.latest;
    while (attempt && !(attempt.id === id && attempt.link === link)) attempt = attempt.previous;
    return attempt;
  }

  /** The attempts in flight, the latest first. */
  get attempts(): Attempt[] {
    const attempts: Attempt[] = [];
    for (let attempt = this.latest; attempt; attempt = attempt.previous) attempts.push(attempt);
    return attempts;
  }

  /** The attempt has gone out. */
  took(attempt: Attempt): void {
    this.latest = attempt;
    if (this.handedOver === 0) this.firstSentAt = attempt.sentAt;
    this.sent++;
    this.handedOver++;
    if (!this.hedging) return;
    // Wherever it is in flight, it is not to be sent again.
    this.#experienced.triedAt(attempt.link);
    this.hedging.sent(attempt.isHedge, attempt.sentAt);
  }

  /** Takes an attempt out of those in flight; false if it is none of them. */
  land(attempt: Attempt): boolean {
    if (this.latest === attempt) {
      this.latest = attempt.previous;
      return true;
    }
    for (let later = this.latest; later; later = later.previous) {
      if (later.previous !== attempt) continue;
      later.previous = attempt.previous;
      return true;
    }
    return false;
  }

  /** The attempt has answered: returns the others, of which nothing more is to be heard. */
  settleOn(attempt: Attempt): Attempt[] {
    const others = this.attempts.filter((other) => other !== attempt);
    this.latest = attempt;
    attempt.previous = undefined;
    this.hedging = undefined;
    return others;
  }

  /**
   * Whether it waits for its first value, and only from servers that leave their PINGs unanswered, and may go to one
   * more.
   */
  mayBeRescued(now: number): boolean {
    if (this.answered || this.only || this.handedOver >= this.request.maxAttempts) return false;
    return this.mayRunTwice && this.isAtSilentServers(now);
  }

  isAtSilentServers(now: number): boolean {
    return this.attempts.every(({ link }) => link.isOverdue(now));
  }

  /** It is to go to one more server, for those that have it are silent. */
  rescue(dueAt: number): void {
    this.hedging ??= new Hedging(NO_HEDGES);
    for (const { link } of this.attempts) this.#experienced.triedAt(link);
    this.hedging.rescue(dueAt);
  }

  failedAt(attempt: Attempt, outcome: string): Experience {
    this.#experienced.report(attempt, outcome);
    return this.#experienced;
  }

  /** The attempt may have run. */
  failed(attempt: Attempt, failure: AttemptFailure, outcome: string): void {
    const experience = this.failedAt(attempt, outcome);
    experience.triedAt(attempt.link);
    experience.failure = failure;
    if (failure === 'lost') experience.losses++;
    else experience.gaveUpAt(attempt.link);
  }

  /** The attempt has had no answer in its time, and stays open. */
  keptOpen(attempt: Attempt): void {
    attempt.isLate = true;
    this.#experienced.triedAt(attempt.link);
  }

  /** The attempt did not run, since another one may have. */
  spared(attempt: Attempt, outcome: string): void {
    this.handedOver--;
    this.failedAt(attempt, outcome);
  }

  /** How it fails rather than be sent again: it may have run, and must not run twice; undefined if it may be sent. */
  get failureIfSent(): AttemptFailure | undefined {
    if (this.handedOver === 0 || this.latest || this.mayRunTwice) return undefined;
    return this.#experience?.failure;
  }

  /** The attempt did not run. */
  barred(attempt: Attempt, by: 'server' | 'connection', outcome: string): void {
    this.handedOver--;
    // What never left this process was no attempt.
    const experience = by === 'server' ? this.failedAt(attempt, outcome) : this.#experienced;
    experience.barred(attempt, by);
  }

  waitSince(now: number): void {
    this.#waitingSince = now;
  }

  /** When its patience, or its time, is at an end. */
  get waitEndsAt(): number {
    return Math.min((this.#waitingSince ?? 0) + this.patience, this.deadlineAt);
  }

  waitedUntil(now: number): void {
    if (this.#waitingSince !== undefined) this.patience -= now - this.#waitingSince;
    this.#waitingSince = undefined;
  }

  /** Is done, and returns the attempts that this leaves behind, as `latest`. */
  finish(): Attempt | undefined {
    const { latest } = this;
    this.latest = undefined;
    this.isDone = true;
    return latest;
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

  get #experienced(): Experience {
    return (this.#experience ??= new Experience());
  }
}
