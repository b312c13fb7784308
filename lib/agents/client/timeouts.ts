import { afterFailure, staysOpenUntil } from '../../core/retry.js';
import type { RetryBudget } from '../../core/retry-budget.js';
import type { Attempt } from './attempt.js';
import type { Call } from './call.js';
import type { ServerLink } from './server-link.js';

/** Who has the calls. */
export interface TimeoutHost {
  /** A server for the call that has not had it; undefined if none can take it now. */
  pickElsewhere(call: Call, now: number): ServerLink | undefined;
  send(call: Call, link: ServerLink, now: number): void;
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
  readonly #host: TimeoutHost;

  constructor(budget: RetryBudget, host: TimeoutHost) {
    this.#budget = budget;
    this.#host = host;
  }

  /** The attempt has no answer in its time; or it is late, and time has passed again. */
  due(attempt: Attempt, now: number): void {
    const { call, link, isLate } = attempt;
    if (!isLate) link.timedOut(attempt);
    // Who hears that the server fails may have ended the call.
    if (call.isDone) return;
    const isAlone = call.attempts.every((other) => other === attempt || other.isLate);
    const mayStay = !attempt.hasLeft && isAlone && (isLate || mayMove(call));
    if (mayStay && (this.#staysOpen(attempt, now) || call.isDone)) return;
    link.abandon(attempt);
    this.#host.gaveUp(attempt, noAnswer(attempt, now));
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
    const link = this.#host.pickElsewhere(call, now);
    // A balancer of the user's own may have failed.
    if (!link || call.isDone) return call.isDone;
    const hasBudget = this.#budget.withdraw(now);
    if (call.experience) call.experience.lackedBudget = !hasBudget;
    if (!hasBudget) return false;
    const late = call.attempts.toReversed();
    for (const attempt of late) {
      call.land(attempt);
      call.failed(attempt, 'timed-out', noAnswer(attempt, now));
    }
    this.#host.send(call, link, now);
    for (const attempt of late) attempt.link.abandon(attempt);
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
