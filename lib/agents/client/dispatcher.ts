import { backoffDelay } from '../../core/backoff.js';
import type { Balancer } from '../../core/balancer.js';
import { rendezvous } from '../../core/balancers/rendezvous.js';
import { FreelanceError, type FreelanceErrorCode } from '../../core/freelance-error.js';
import { isRefusing } from '../../core/health.js';
import type { Pool } from '../../core/pool.js';
import {
  addsLoad,
  afterFailure,
  type AttemptFailure,
  codeOf,
  SECOND_ROUND,
} from '../../core/retry.js';
import { RetryBudget, type RetryBudgetPolicy } from '../../core/retry-budget.js';
import { Saturation } from '../../core/saturation.js';
import type { AtMostOncePatterns } from '../../protocol/at-most-once.js';
import { InlineBody, type ReceivedBody } from '../../protocol/body.js';
import type { Pattern } from '../../protocol/headers.js';
import type { Id, Reply } from '../../protocol/messages.js';
import type { Agenda } from '../agenda.js';
import type { Clock } from '../clock.js';
import type { DropReason } from '../drop-counter.js';
import type { Attempt } from './attempt.js';
import {
  Call,
  type CallHandle,
  type CallObserver,
  type CallOwner,
  type CallRequest,
} from './call.js';
import { describeFailure, describeTooLarge, toldOf } from './describe-failure.js';
import type { Experience } from './experience.js';
import { Hedges } from './hedges.js';
import { OpenCalls } from './open-calls.js';
import { isFailed, readReply } from './read-reply.js';
import type { AttemptOwner, ServerLink } from './server-link.js';
import { Timeouts } from './timeouts.js';
import { WaitingCalls } from './waiting-calls.js';

/**
 * Later than the timer that is running, in ms: the sockets are read first. If it was this client that stood still, what
 * they bring says that its servers did not.
 */
const A_TURN_MS = 1;

export interface DispatcherOptions {
  /** How long a call may wait for a server, in ms, over all its attempts. */
  readonly patience: number;
  readonly retryBudget: RetryBudgetPolicy;
  readonly random: () => number;
  /** What the servers have named. */
  readonly atMostOnce: AtMostOncePatterns;
  /** Whether the server is to blame for what a call failed with, as its caller gets it. */
  readonly isFailure: (error: unknown) => boolean;
  dropped(reason: DropReason, endpoint: string): void;
}

/**
 * The open calls of a client. Each is in flight, at a link or, if it is hedged, at several; or it waits for
 * one. The pool picks, the link carries, and what comes of an attempt is an answer, another attempt, or
 * the one error that ends the call.
 */
export class Dispatcher implements AttemptOwner, CallOwner {
  readonly #pool: Pool<ServerLink>;
  readonly #clock: Clock;
  readonly #options: DispatcherOptions;
  readonly #open: OpenCalls;
  readonly #budget: RetryBudget;
  readonly #saturation = new Saturation(SECOND_ROUND.max);
  readonly hedges: Hedges;
  readonly #waiting: WaitingCalls;
  readonly #timeouts: Timeouts;
  /** How many servers could take calls. */
  #usable = 0;
  #isClosed = false;

  constructor(pool: Pool<ServerLink>, agenda: Agenda, clock: Clock, options: DispatcherOptions) {
    this.#pool = pool;
    this.#open = new OpenCalls(agenda);
    this.#clock = clock;
    this.#budget = new RetryBudget(options.retryBudget);
    this.hedges = new Hedges(this.#budget, (call, now) => this.#pickHedge(call, now));
    this.#waiting = new WaitingCalls(agenda, options.random, (call, now) => this.#serve(call, now));
    this.#timeouts = new Timeouts(this.#budget, {
      pickElsewhere: (call, now) => this.#pickNew(call, now, false),
      send: (call, link, now) => this.#send(call, link, now),
      gaveUp: (attempt, outcome) => this.attemptFailed(attempt, 'timed-out', outcome),
    });
    this.#options = options;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Attempts that may be made now beyond the first of each call. */
  retryBudget(now: number): number {
    return this.#budget.balance(now);
  }

  /**
   * Starts a call.
   *
   * @param only the one server that it is for, if it is not for any
   */
  call(request: CallRequest, observer: CallObserver, only?: ServerLink): CallHandle {
    const number = this.#open.nextNumber();
    const now = this.#clock.now();
    const call = new Call(number, request, observer, now, this.#options.patience, this, only);
    this.#open.add(call);
    this.#budget.called(now);
    this.#dispatch(call, now);
    return call;
  }

  close(): void {
    this.#isClosed = true;
    for (const call of this.#open) this.#fail(call, 'CLOSED');
  }

  /** The attempt of that id, if it is under way over that link. */
  find(id: Id, link: ServerLink): Attempt | undefined {
    return this.#open.find(id, link);
  }

  /** The attempts that are under way over that link, the oldest first. */
  over(link: ServerLink): Attempt[] {
    return this.#open.over(link);
  }

  /** Servers may have become usable, or be so no more. */
  serversChanged(): void {
    const now = this.#clock.now();
    const before = this.#usable;
    this.#usable = this.#pool.usable.length;
    this.#waiting.serversChanged(this.#usable, now);
    if (this.#usable <= before) return;
    for (const call of this.#open) if (call.isLate) this.#timeouts.moveOn(call, now);
  }

  /** A server that was usable before has room. */
  roomGained(at: ServerLink): void {
    if (!this.#waiting.isEmpty) this.#waiting.roomGained(at, this.#clock.now());
  }

  /** Gives a call that has waited to a server. @returns whether it waits no longer */
  #serve(call: Call, now: number): boolean {
    // The links are closed: it would count as sent, and does not leave.
    if (this.#isClosed) return false;
    const { failureIfSent } = call;
    const code = failureIfSent ? codeOf(failureIfSent) : codeIfLost(call.only);
    if (code) this.#fail(call, code);
    if (call.isDone) return true;
    const link = this.#pick(call, now);
    if (!link) return call.isDone;
    this.#waiting.served(call, now);
    this.#send(call, link, now);
    return true;
  }

  /** Calls that wait have nothing to wait for. */
  failWaiting(code: FreelanceErrorCode): void {
    for (const call of this.#waiting) this.#fail(call, code);
  }

  attemptFailed(attempt: Attempt, failure: AttemptFailure, outcome: string): void {
    const { call } = attempt;
    if (!call.land(attempt)) return;
    if (failure === 'undelivered') call.barred(attempt, 'connection', outcome);
    else if (failure === 'refused') call.barred(attempt, 'server', outcome);
    else call.failed(attempt, failure, outcome);
    const now = this.#clock.now();
    if (call.latest) {
      // The others may still answer.
      call.hedging?.hasten(now);
      this.#hedge(call, now);
      return;
    }
    const verdict = afterFailure(failure, call, call.retryPolicy);
    if (verdict !== 'retry') {
      this.#fail(call, verdict);
    } else if (
      failure === 'timed-out' &&
      (attempt.isLate || !this.#pool.hasElsewhere(call.experience))
    ) {
      this.#fail(call, codeOf(failure));
    } else if (addsLoad(failure, call) && !this.#budget.withdraw(now)) {
      if (call.experience) call.experience.lackedBudget = true;
      this.#fail(call, codeOf(failure));
    } else {
      this.#dispatch(call, now);
    }
  }

  replied(attempt: Attempt, reply: Reply, now: number): void {
    const { call, link } = attempt;
    const answer = readReply(reply);
    if (answer.kind === 'refused') {
      const outcome = `refused: ${answer.refusal.words}`;
      link.refused(attempt, answer.refusal);
      // Only one that has said so may be refused for it: else it would be sent there for ever.
      if (answer.refusal.reason === 'may-have-run' && attempt.number > 1)
        this.#spared(attempt, outcome, now);
      else this.attemptFailed(attempt, 'refused', outcome);
      return;
    }
    if (!call.answered) {
      if (isFailed(answer)) link.answeredByFailing(attempt, now);
      else link.answered(attempt, now);
      this.hedges.answered(attempt, now);
      if (call.isBacklog) this.#waiting.taken(call, now);
    }
    // Who hears that a server is well again may close the client.
    if (call.isDone) return;
    if (answer.kind === 'next') {
      call.answered = true;
      attempt.window.arrived(sizeOf(reply.body));
      this.#open.schedule(call, call.deadlineAt);
      call.observer.next(answer.value);
      if (!call.request.paced) this.read(call);
      return;
    }
    if (answer.kind === 'unreadable') {
      this.#options.dropped(answer.reason, link.endpoint);
      this.#judge(attempt, describeFailure('PROTOCOL', this.#pool.members, call, now), now);
      // Not settled: there may be more of it to come, which the server is told to stop.
      this.#fail(call, 'PROTOCOL');
      return;
    }
    if (answer.kind === 'error') {
      this.#failedByServer(attempt, answer.error, now);
      return;
    }
    link.succeeded(attempt, now);
    link.settle(attempt);
    this.#end(call);
    if (answer.kind === 'last') call.observer.next(answer.value);
    call.observer.complete();
  }

  /** The server has answered with an error: whether it is to blame is judged by what the caller gets. */
  #failedByServer(attempt: Attempt, error: unknown, now: number): void {
    const { call, link } = attempt;
    const { observer } = call;
    if (!observer.judges) this.#judge(attempt, error, now);
    // Who hears that a server rests, or is well again, may close the client.
    if (call.isDone) return;
    link.settle(attempt);
    this.#end(call);
    if (observer.judges)
      observer.error(error, (shown) => this.#judge(attempt, shown, this.#clock.now()));
    else observer.error(error);
  }

  /** The attempt had no answer in time. One that is silent says nothing of how it does what it is asked. */
  #wasTooSlow(attempt: Attempt, now: number): void {
    const { call, link } = attempt;
    if (link.isOverdue(now)) return;
    // Not all that fail may rest: those that are still used are to be chosen rarely.
    link.isSlowerThan(now - attempt.sentAt, now);
    this.#judge(attempt, describeFailure('ETIMEDOUT', this.#pool.members, call, now), now, false);
  }

  /** @param isAnswer whether the server has answered, and not let the call time out */
  #judge(attempt: Attempt, error: unknown, now: number, isAnswer = true): void {
    attempt.link.judged(attempt, this.#options.isFailure(error), isAnswer, now);
  }

  /** The one refusal that is not moved elsewhere: another attempt may have run, and this handler runs at most once. */
  #spared(attempt: Attempt, outcome: string, now: number): void {
    const { call } = attempt;
    if (!call.land(attempt)) return;
    this.#options.atMostOnce.add(call.request.pattern);
    call.spared(attempt, outcome);
    // Those in flight may still answer. If there is none, and the others turned out not to have run, it is sent anew.
    if (!call.latest) this.#dispatch(call, now);
  }

  acknowledged(attempt: Attempt, now: number): void {
    const { call, link } = attempt;
    link.answered(attempt, now);
    this.hedges.answered(attempt, now);
    if (call.isBacklog) this.#waiting.taken(call, now);
    if (call.isDone) return;
    link.succeeded(attempt, now);
    link.settle(attempt);
    this.#end(call);
    call.observer.complete();
  }

  isAtMostOnce(pattern: Pattern): boolean {
    return this.#options.atMostOnce.has(pattern);
  }

  /**
   * A server leaves its PINGs unanswered: those of its calls that may run twice go to other servers, too, as far as the
   * retry budget reaches, and whoever answers first has them.
   */
  overdue(link: ServerLink, now: number): void {
    for (const { call } of this.over(link)) {
      if (!call.mayBeRescued(now) || call.hedging?.isRescue) continue;
      call.rescue(now + A_TURN_MS);
      this.#open.schedule(call, call.nextDueAt);
    }
  }

  read({ latest }: Call): void {
    latest?.link.read(latest);
  }

  cancelled(call: Call): void {
    this.#end(call);
  }

  /** Gives the call to the best server; if there is none to be had now, it waits. */
  #dispatch(call: Call, now: number): void {
    if (this.#isClosed) {
      this.#fail(call, 'CLOSED');
      return;
    }
    const { failureIfSent } = call;
    if (failureIfSent) {
      this.#fail(call, codeOf(failureIfSent));
      return;
    }
    const lost = codeIfLost(call.only);
    if (lost) {
      this.#fail(call, lost);
      return;
    }
    const link = this.#pick(call, now);
    if (call.isDone) return;
    if (link) this.#send(call, link, now);
    else if (call.only) this.#wait(call, now);
    else if (this.#pool.isUnauthorized) this.#fail(call, 'UNAUTHORIZED');
    else if (this.#pool.isRefusedByAll(call.experience)) this.#refusedByAll(call, now);
    else this.#wait(call, now);
  }

  #pick(call: Call, now: number): ServerLink | undefined {
    const { only, experience } = call;
    if (only) return only.tier && only.hasRoom ? only : undefined;
    try {
      return this.#pool.pick(experience, now, balancerOf(call));
    } catch (error) {
      return this.#balancerFailed(call, error);
    }
  }

  #pickHedge(call: Call, now: number): ServerLink | undefined {
    return this.#pickNew(call, now, call.hedging?.isRescue === true);
  }

  #pickNew(call: Call, now: number, isToBeSound: boolean): ServerLink | undefined {
    const { experience } = call;
    try {
      if (!experience) return undefined;
      const link = isToBeSound
        ? this.#pool.pickSound(experience, now, balancerOf(call))
        : this.#pool.pickNew(experience, now, balancerOf(call));
      // It would end the connection; and who has the call already may still answer.
      return link?.isTooSmallFor(call) ? undefined : link;
    } catch (error) {
      return this.#balancerFailed(call, error);
    }
  }

  /** Only a balancer of the user's own can throw. Its error is the caller's to see. */
  #balancerFailed(call: Call, error: unknown): undefined {
    this.#end(call);
    call.observer.error(error instanceof FreelanceError ? toldOf(call, error) : error);
  }

  #send(call: Call, link: ServerLink, now: number): void {
    if (link.isTooSmallFor(call)) {
      this.#end(call);
      call.observer.error(
        describeTooLarge(call.request, link.maxMessageSize, { endpoint: link.endpoint, call }),
      );
      return;
    }
    link.send(call, now);
    if (call.isDone) return;
    if (link.isOverdue(now) && call.mayBeRescued(now)) call.rescue(now + A_TURN_MS);
    if (call.hedging) this.#hedge(call, now);
    else this.#open.schedule(call, call.nextDueAt);
  }

  #hedge(call: Call, now: number): void {
    this.hedges.send(call, now);
    if (!call.isDone) this.#open.schedule(call, call.nextDueAt);
  }

  #wait(call: Call, now: number): void {
    this.#waiting.join(call, now);
    this.#open.schedule(call, call.waitEndsAt);
  }

  /**
   * Servers that are busy may soon not be: all are asked once more, after a pause. Not if they stay busy. What has
   * waited for them to return waits on.
   */
  #refusedByAll(call: Call, now: number): void {
    if (call.isBacklog) {
      this.#waiting.refused(call, now);
      this.#open.schedule(call, call.waitEndsAt);
      return;
    }
    const isBurst = !this.#saturation.refused(now);
    const secondRoundAt = now + backoffDelay(SECOND_ROUND, 0, this.#options.random);
    if (!isBurst || !call.experience?.planSecondRound(secondRoundAt)) {
      this.#fail(call, 'OVERLOADED');
      return;
    }
    this.#waiting.joinForSecondRound(call, now);
    this.#open.schedule(call, Math.min(call.waitEndsAt, secondRoundAt));
  }

  #beginSecondRound(call: Call, experience: Experience, now: number): void {
    this.#waiting.served(call, now);
    if (this.#budget.withdraw(now)) {
      experience.forgetRefusals();
      this.#dispatch(call, now);
    } else {
      experience.lackedBudget = true;
      this.#fail(call, 'OVERLOADED');
    }
  }

  due(call: Call, now: number): void {
    if (now >= call.deadlineAt) {
      const attempts = call.attempts.toReversed();
      for (const attempt of attempts) call.failedAt(attempt, 'no answer');
      const unanswered = call.answered ? [] : attempts.filter(({ isLate }) => !isLate);
      this.#fail(call, 'ETIMEDOUT');
      for (const attempt of unanswered) this.#wasTooSlow(attempt, now);
    } else if (call.latest) {
      for (const attempt of call.attempts.toReversed()) {
        if (now < attempt.dueAt || attempt.hasLeft) continue;
        const wasLate = attempt.isLate;
        this.#timeouts.due(attempt, now);
        if (!wasLate) this.#wasTooSlow(attempt, now);
      }
      if (call.latest) this.#hedge(call, now);
    } else if (call.experience && now >= call.experience.secondRoundAt) {
      this.#beginSecondRound(call, call.experience, now);
    } else if (now < call.waitEndsAt) {
      // Its second round was due, before the servers went.
      this.#open.schedule(call, call.waitEndsAt);
    } else {
      this.#fail(call, this.#codeOfWait(call));
    }
  }

  /** What a call ends with that has waited for a server, and got none. */
  #codeOfWait({ only, experience }: Call): FreelanceErrorCode {
    const isUsable = only ? only.tier !== undefined : this.#pool.isUsable;
    if (!isUsable) return 'ECONNREFUSED';
    if (experience?.failure === undefined || this.#pool.hasElsewhere(experience))
      return 'OVERLOADED';
    // Those that are there may still run it.
    return codeOf(experience.failure);
  }

  #fail(call: Call, code: FreelanceErrorCode): void {
    if (call.isDone) return;
    this.#end(call);
    const servers = call.only ? [call.only] : this.#pool.members;
    call.observer.error(describeFailure(code, servers, call, this.#clock.now()));
  }

  /** Takes the call off every list. Nothing that still comes of it is heard. */
  #end(call: Call): void {
    let attempt = call.finish();
    this.#open.remove(call);
    if (call.waitsIn || call.isBacklog) this.#waiting.leave(call);
    for (; attempt; attempt = attempt.previous) attempt.link.abandon(attempt);
  }
}

/** How a call fails that is for that server alone; undefined as long as it may take the call, now or soon. */
function codeIfLost(only: ServerLink | undefined): FreelanceErrorCode | undefined {
  if (!only || !(only.isRemoved || only.isLost)) return undefined;
  return isRefusing(only.health) ? 'UNAUTHORIZED' : 'ECONNREFUSED';
}

/** Undefined if that of the client chooses. */
function balancerOf({ request: { routingKey } }: Call): Balancer | undefined {
  return routingKey === undefined ? undefined : rendezvous(routingKey);
}

/** In bytes. What came inside a pack is small: it counts as nothing. */
function sizeOf(body: ReceivedBody): number {
  return body instanceof InlineBody ? 0 : body.byteLength;
}
