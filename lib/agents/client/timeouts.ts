import { afterFailure, staysOpenUntil } from '../../core/retry.js';
import type { RetryBudget } from '../../core/retry-budget.js';
import type { Attempt, Call, Server } from './call.js';

export interface TimeoutsDeps {
  /** A server for the call that has not had it; undefined if none can take it now. */
  pickElsewhere(call: Call, now: number): Server | undefined;
  send(call: Call, server: Server, now: number): void;
  /** Nobody waits for the attempt any more. */
  gaveUp(attempt: Attempt, outcome: string): void;
}

/**
 * What becomes of attempts that have no answer in their time. Their servers may still run them, and are not asked
 * again.
 *
 * - Another server can have the call: it goes there, and the old attempts are cancelled.
 * - None can, but one may come: the attempt stays open, and late (`staysOpenUntil`). Its answer is the call's.
 * - The call may not be sent again, or its server cannot name calls: the attempt is given up.
 */
export class Timeouts {
  readonly #budget: RetryBudget;
  readonly #deps: TimeoutsDeps;

  constructor(budget: RetryBudget, deps: TimeoutsDeps) {
    this.#budget = budget;
    this.#deps = deps;
  }

  /** The attempt has no answer in its time; or it is late, and time has passed again. */
  due(attempt: Attempt, now: number): void {
    const { call, link, isLate } = attempt;
    if (!isLate) link.late(attempt, now);
    const isAlone = call.attempts.every((other) => other === attempt || other.isLate);
    const mayStay = !attempt.hasLeft && isAlone && (isLate || mayMove(call));
    if (mayStay && this.#staysOpen(attempt, now)) return;
    link.end(attempt, 'timed-out', now);
    this.#deps.gaveUp(attempt, noAnswer(attempt, now));
  }

  /** @returns false if its time is over, and its call can go nowhere else */
  #staysOpen(attempt: Attempt, now: number): boolean {
    const { call, sentAt } = attempt;
    call.keptOpen(attempt);
    if (this.moveOn(call, now)) return true;
    const { firstSentAt: firstAt, deadlineAt, request } = call;
    const until = staysOpenUntil({ firstAt, latestAt: sentAt, deadlineAt }, request);
    // Room elsewhere, or a token of the budget, may be had later: it is looked for more and more rarely.
    attempt.dueAt = Math.min(2 * now - sentAt, until);
    return now < until;
  }

  /**
   * Sends a call to another server whose attempts are all late.
   *
   * @returns whether they are dealt with
   */
  moveOn(call: Call, now: number): boolean {
    if (!mayMove(call)) return false;
    const server = this.#deps.pickElsewhere(call, now);
    // It is done if the balancer has failed.
    if (!server) return call.isDone;
    const hasBudget = this.#budget.withdraw(now);
    call.ensureHistory().lackedBudget = !hasBudget;
    if (!hasBudget) return false;
    const late = call.attempts.toReversed();
    for (const attempt of late) {
      call.removeAttempt(attempt);
      call.failed(attempt, 'timed-out', noAnswer(attempt, now));
    }
    this.#deps.send(call, server, now);
    for (const attempt of late) attempt.link.end(attempt, 'timed-out', now);
    return true;
  }
}

/** Whether another server may have the call, too. */
function mayMove(call: Call): boolean {
  return afterFailure('timed-out', call, call.retryPolicy) === 'retry';
}

function noAnswer({ sentAt }: Attempt, now: number): string {
  return `no answer within ${Math.round(now - sentAt)} ms`;
}
