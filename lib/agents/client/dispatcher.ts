import type { FreelanceErrorCode } from '../../core/freelance-error.js';
import { addsLoad, afterFailure, type AttemptFailure, codeOf } from '../../core/retry.js';
import { RetryBudget, type RetryBudgetPolicy } from '../../core/retry-budget.js';
import type { AtMostOncePatterns } from '../../protocol/at-most-once.js';
import type { Pattern } from '../../protocol/headers.js';
import type { DropReason } from '../drop-counter.js';
import type { Scheduler } from '../scheduler.js';
import type { AttemptListener } from './attempt-listener.js';
import type { CallHandle, CallListener, CallObserver, CallRequest } from './call-contract.js';
import { CallEndings } from './call-endings.js';
import { CallRouter } from './call-router.js';
import { type Attempt, Call, type Server } from './call.js';
import type { PatternMeters } from '../pattern-meters.js';
import type { ClientCallMeter } from './client-call-meter.js';
import type { ClientStats } from './client-stats.js';
import { OpenCalls } from './open-calls.js';
import type { Answer, Refusal } from './read-reply.js';
import type { ServerOrigin } from './server-origin.js';
import { Verdicts, type VerdictsDeps } from './verdicts.js';

export interface DispatcherDeps extends VerdictsDeps {
  readonly scheduler: Scheduler;
  readonly random: () => number;
  /** Patterns whose handlers, as servers have said, must not run twice for one call. */
  readonly atMostOnce: AtMostOncePatterns;
  /** How long a call may wait for a server, in ms, over all its attempts. */
  readonly connectTimeout: number;
  readonly retryBudget: RetryBudgetPolicy;
  /** Who names the servers; undefined if they are listed. */
  readonly origin?: ServerOrigin | undefined;
  readonly meters: PatternMeters<ClientCallMeter>;
  dropped(reason: DropReason, endpoint: string): void;
}

/**
 * Takes each call of a client to its one end. The router sends attempts to servers; the servers' links report here how each
 * ends: with an answer, or with a failure, after which this decides between another attempt and the error for the caller.
 */
export class Dispatcher implements AttemptListener, CallListener<Call> {
  readonly #deps: DispatcherDeps;
  readonly open: OpenCalls;
  readonly #budget: RetryBudget;
  readonly router: CallRouter;
  readonly #verdicts: Verdicts;
  readonly #endings: CallEndings;

  constructor(deps: DispatcherDeps) {
    const { pool, scheduler, clock, random, notifications, retryBudget, origin } = deps;
    this.#deps = deps;
    const open = new OpenCalls(scheduler);
    const budget = new RetryBudget(retryBudget);
    this.open = open;
    this.#budget = budget;
    this.#verdicts = new Verdicts(deps);
    const waiting = () => this.router.waiting;
    const endings = new CallEndings({ pool, clock, notifications, open, waiting, origin });
    this.#endings = endings;
    this.router = new CallRouter(
      { pool, scheduler, random, open, budget },
      {
        failed: (call, error) => endings.failed(call, error),
        timedOut: (attempt, outcome) => this.attemptFailed(attempt, 'timed-out', outcome),
      },
    );
  }

  stats(now: number): Pick<ClientStats, 'retryBudget' | 'hedges'> {
    return { retryBudget: this.#budget.balance(now), hedges: this.router.hedges.counts };
  }

  /**
   * Starts a call.
   *
   * @param only the one server that may get it, as in a broadcast; any may if undefined
   */
  call(request: CallRequest, observer: CallObserver, only?: Server): CallHandle {
    const { clock, connectTimeout, meters } = this.#deps;
    const now = clock.now();
    const number = this.open.nextNumber();
    const meter = meters.of(request.pattern);
    const call = new Call(number, request, observer, now, connectTimeout, this, only, meter);
    meter.began();
    this.open.add(call);
    this.#budget.called(now);
    this.router.dispatch(call, now);
    return call;
  }

  /** Fails every call. To be called once the servers are closed. */
  close(): void {
    this.router.close();
    for (const call of this.open) this.#endings.failed(call, 'CLOSED');
  }

  /** Fails the calls that wait for a server: none will come. */
  failWaiting(code: FreelanceErrorCode): void {
    for (const call of this.router.waiting) this.#endings.failed(call, code);
  }

  /** A usable server can take another call. */
  roomGained(at: Server): void {
    if (!this.router.waiting.isEmpty) this.router.roomGained(at, this.#deps.clock.now());
  }

  replied(attempt: Attempt, answer: Answer, now: number): void {
    const { call, link } = attempt;
    const { observer } = call;
    const { notifications } = this.#deps;
    const verdicts = this.#verdicts;
    if (answer.kind === 'refused') {
      this.#refused(attempt, answer.refusal, now);
      return;
    }
    if (!call.answered) {
      this.router.hedges.answered(attempt, now);
      this.router.waiting.taken(call, now);
    }
    switch (answer.kind) {
      case 'next':
        call.answered = true;
        attempt.window.arrived(answer.bytes);
        this.open.schedule(call, call.deadlineAt);
        notifications.next(call, answer.value);
        if (!call.request.paced) link.read(attempt);
        return;
      case 'error':
        // An observer that `judges` turns this error into another one first, by which the server is judged.
        if (!observer.judges) verdicts.answered(attempt, answer.error, now);
        this.#endings.answeredWithError(call, attempt, now);
        notifications.error(call, answer.error, observer.judges && verdicts.whenKnown(attempt));
        return;
      case 'unreadable':
        this.#deps.dropped(answer.reason, link.endpoint);
        verdicts.unreadable(attempt, now);
        // The call is abandoned, so that the server, which may go on sending, is told to stop.
        this.#endings.failed(call, 'PROTOCOL', 'unreadable');
        return;
      default:
        this.#endings.answered(call, attempt, now);
        if (answer.kind === 'last') notifications.last(call, answer.value);
        else notifications.complete(call);
    }
  }

  attemptFailed(attempt: Attempt, failure: AttemptFailure, outcome: string): void {
    const { call } = attempt;
    if (!call.removeAttempt(attempt)) return;
    if (failure === 'undelivered') call.undelivered(attempt);
    else if (failure === 'refused') call.refused(attempt, outcome);
    else call.failed(attempt, failure, outcome);
    const { clock, pool } = this.#deps;
    const now = clock.now();
    if (call.latest) {
      // Its other attempts may still answer.
      call.hedging?.hasten(now);
      this.router.hedge(call, now);
      return;
    }
    const verdict = afterFailure(failure, call, call.retryPolicy);
    if (verdict !== 'retry') this.#endings.failed(call, verdict);
    else if (failure === 'timed-out' && (attempt.isLate || !pool.hasElsewhere(call.history)))
      this.#endings.failed(call, codeOf(failure));
    else if (addsLoad(failure, call) && !this.#budget.withdraw(now)) {
      call.ensureHistory().lackedBudget = true;
      this.#endings.failed(call, codeOf(failure));
    } else {
      this.router.dispatch(call, now);
    }
  }

  /**
   * A server leaves its PINGs unanswered. Those of its calls that may run twice also go to other servers, as far as the retry
   * budget reaches; the first answer counts.
   */
  overdue(server: Server, now: number): void {
    for (const { call } of this.open.over(server)) this.router.rescue(call, now);
  }

  isAtMostOnce(pattern: Pattern): boolean {
    return this.#deps.atMostOnce.has(pattern);
  }

  read({ latest }: Call): void {
    latest?.link.read(latest);
  }

  cancelled(call: Call): void {
    const { clock, notifications } = this.#deps;
    notifications.whenDone(() => {
      if (!call.isDone) this.#endings.cancelled(call, clock.now());
    });
  }

  due(call: Call, now: number): void {
    if (now >= call.deadlineAt) {
      this.#deadlinePassed(call, now);
    } else if (call.latest) {
      this.#attemptsDue(call, now);
      if (call.latest) this.router.hedge(call, now);
    } else {
      this.router.waited(call, now);
    }
  }

  #deadlinePassed(call: Call, now: number): void {
    const attempts = call.attempts.toReversed();
    for (const attempt of attempts) call.failedAt(attempt, 'no answer');
    const unanswered = call.answered ? [] : attempts.filter(({ isLate }) => !isLate);
    this.#endings.failed(call, 'ETIMEDOUT', 'timed-out');
    for (const attempt of unanswered) this.#verdicts.tooSlow(attempt, now);
  }

  #attemptsDue(call: Call, now: number): void {
    for (const attempt of call.attempts.toReversed()) {
      if (now < attempt.dueAt || attempt.hasLeft) continue;
      const wasLate = attempt.isLate;
      this.router.timeouts.due(attempt, now);
      if (!wasLate) this.#verdicts.tooSlow(attempt, now);
    }
  }

  #refused(attempt: Attempt, refusal: Refusal, now: number): void {
    const { call, link } = attempt;
    const outcome = `refused: ${refusal.words}`;
    link.end(attempt, 'refused', now);
    // Attempt number 1 does not say that an earlier one may have run, so a server that gives this reason for it is wrong. It
    // counts as any other refusal: otherwise the call would be sent to that server again and again.
    if (refusal.reason !== 'may-have-run' || attempt.number === 1) {
      this.attemptFailed(attempt, 'refused', outcome);
      return;
    }
    // The call goes to no other server: an earlier attempt may have run, and this handler runs at most once.
    this.#deps.atMostOnce.add(call.request.pattern);
    call.removeAttempt(attempt);
    call.refusedAsRepeat(attempt, outcome);
    // Attempts in flight may still answer. If there is none, the router sends the call again only if no attempt has run.
    if (!call.latest) this.router.dispatch(call, now);
  }
}
