import { Hedging } from '../../core/hedging.js';
import type { AttemptFailure, RetryPolicy } from '../../core/retry.js';
import type { WaitingLine } from '../../core/waiting-line.js';
import type { Id } from '../../protocol/messages.js';
import { AttemptOf } from './attempt.js';
import type { AttemptCarrier } from './attempt-carrier.js';
import type { CallHandle, CallListener, CallObserver, CallRequest } from './call-contract.js';
import type { ClientCallMeter } from './client-call-meter.js';
import { type CallState, DONE, PLACING } from './call-state.js';
import type { Receiver } from './call-notifications.js';
import { RetryHistory } from './retry-history.js';

/** One try of a call at one server. */
export type Attempt = AttemptOf<Call>;

/** A server, as calls use it. */
export type Server = AttemptCarrier<Attempt>;

/** One open call: where it stands, and what it has been through. It is also its caller's handle. */
export class Call implements CallHandle, Receiver {
  /** When something is to be done about it, if nothing happens before. Kept by the open calls. */
  dueAt = Infinity;

  #state: CallState<Call, Attempt> = PLACING;
  #history: RetryHistory | undefined;
  /** Undefined if it is not to be hedged, or no more. */
  hedging: Hedging | undefined;
  /** Attempts made. */
  sent = 0;
  handedOver = 0;
  hasCompleted = false;
  /** When the first of these went out. */
  firstSentAt = Infinity;
  /** Whether a value has come for the caller. */
  answered = false;
  isHeard = true;
  readonly deadlineAt: number;
  readonly #listener: CallListener<Call>;

  constructor(
    readonly number: number,
    readonly request: CallRequest,
    readonly observer: CallObserver,
    readonly startedAt: number,
    /** How much longer it may wait for a server in all, in ms. */
    public waitBudget: number,
    listener: CallListener<Call>,
    /** The one server that it is for, if it is not for any. */
    readonly only: Server | undefined,
    /** Counts the calls of its pattern. */
    readonly meter: ClientCallMeter,
  ) {
    this.deadlineAt = startedAt + request.timeout;
    this.hedging = request.hedge && !only ? new Hedging(request.hedge) : undefined;
    this.#listener = listener;
  }

  /** What it has been through with servers that did not answer it; undefined if nothing. */
  get history(): RetryHistory | undefined {
    return this.#history;
  }

  get isDone(): boolean {
    return this.#state === DONE;
  }

  /** The attempt in flight that was sent last. The others are behind it. */
  get latest(): Attempt | undefined {
    return this.#state.kind === 'in flight' ? this.#state : undefined;
  }

  /**
   * Whether it does no harm if several servers run it: its caller says so, and no server has said otherwise. Asked
   * anew each time, since a server may say so while the call is open.
   */
  get mayRunTwice(): boolean {
    return this.request.idempotent && !this.#listener.isAtMostOnce(this.request.pattern);
  }

  get retryPolicy(): RetryPolicy {
    return {
      maxAttempts: this.request.maxAttempts,
      idempotent: this.mayRunTwice,
      elsewhere: this.only === undefined,
    };
  }

  /** Whether every attempt in flight has had no answer in its time. */
  get isLate(): boolean {
    return this.latest !== undefined && this.attempts.every(({ isLate }) => isLate);
  }

  /** Attempts that were lost with their server. */
  get losses(): number {
    return this.#history?.losses ?? 0;
  }

  /** Whether some server is not to be asked, so that another call may find one where this does not. */
  get isChoosy(): boolean {
    return this.only !== undefined || (this.#history?.isChoosy ?? false);
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
  attemptOf(id: Id, link: Server): Attempt | undefined {
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

  /** Goes to that server, as well as to those that have it. */
  attemptAt(link: Server, now: number): Attempt {
    const attempt = new AttemptOf<Call>(this, link, now, this.latest);
    this.#state = attempt;
    if (this.handedOver === 0) this.firstSentAt = now;
    this.sent++;
    this.handedOver++;
    if (this.hedging) {
      // Wherever it is in flight, it is not to be sent again.
      this.ensureHistory().triedAt(link.endpoint);
      this.hedging.sent(attempt.isHedge, now);
    }
    return attempt;
  }

  /** Takes an attempt out of those in flight. @returns false if it was none of them */
  removeAttempt(attempt: Attempt): boolean {
    if (this.#state === attempt) {
      this.#state = attempt.previous ?? PLACING;
      return true;
    }
    for (let later = this.latest; later; later = later.previous) {
      if (later.previous !== attempt) continue;
      later.previous = attempt.previous;
      return true;
    }
    return false;
  }

  /** For the error that the caller may get: how the attempt has ended. */
  failedAt({ link }: Attempt, outcome: string): RetryHistory {
    const history = this.ensureHistory();
    history.report(link.target, outcome);
    return history;
  }

  /** The attempt has failed, and the server may have run it. */
  failed(attempt: Attempt, failure: AttemptFailure, outcome: string): void {
    const { endpoint } = attempt.link;
    const history = this.failedAt(attempt, outcome);
    history.triedAt(endpoint);
    history.failure = failure;
    if (failure === 'lost') history.losses++;
    else if (attempt.connection) history.gaveUpAt(endpoint, attempt.connection);
  }

  /** The attempt has had no answer in its time, and stays open. */
  keptOpen(attempt: Attempt): void {
    attempt.isLate = true;
    this.ensureHistory().triedAt(attempt.link.endpoint);
  }

  /** The server has refused the attempt, and did not run it: it is not asked again over this connection. */
  refused(attempt: Attempt, outcome: string): void {
    this.handedOver--;
    const history = this.failedAt(attempt, outcome);
    if (attempt.connection) history.refusedOver(attempt.connection);
  }

  /** The server has refused the attempt as a repetition: an earlier attempt may have run. */
  refusedAsRepeat(attempt: Attempt, outcome: string): void {
    this.handedOver--;
    this.failedAt(attempt, outcome);
  }

  /** The attempt never left this process: it was none. */
  undelivered({ connection }: Attempt): void {
    this.handedOver--;
    if (connection) this.ensureHistory().undeliveredBy(connection);
  }

  /** How it fails rather than be sent again: it may have run, and must not run twice; undefined if it may be sent. */
  get failureIfSent(): AttemptFailure | undefined {
    if (this.handedOver === 0 || this.latest || this.mayRunTwice) return undefined;
    return this.#history?.failure;
  }

  wait(line: WaitingLine<Call>, now: number): void {
    this.#state = { kind: 'waiting', line, since: now };
    line.join(this);
  }

  /** When it has waited for as long as it may, or its deadline passes. */
  get waitEndsAt(): number {
    const since = this.#state.kind === 'waiting' ? this.#state.since : 0;
    return Math.min(since + this.waitBudget, this.deadlineAt);
  }

  /** Waits no longer, if it did. */
  stopWaiting(now: number): void {
    if (this.#state.kind !== 'waiting') return;
    const { line, since } = this.#state;
    line.leave(this);
    this.waitBudget -= now - since;
    this.#state = PLACING;
  }

  /** Is done. @returns the attempt in flight that was sent last, with the others behind it */
  finish(): Attempt | undefined {
    const before = this.#state;
    this.#state = DONE;
    if (before.kind === 'in flight') return before;
    if (before.kind === 'waiting') before.line.leave(this);
    return undefined;
  }

  due(now: number): void {
    this.#listener.due(this, now);
  }

  cancel(): void {
    this.isHeard = false;
    this.#listener.cancelled(this);
  }

  read(): void {
    this.#listener.read(this);
  }

  /** The same as `history`: empty if there was none. */
  ensureHistory(): RetryHistory {
    return (this.#history ??= new RetryHistory());
  }
}
