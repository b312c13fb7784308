import type { Backoff } from './backoff.js';
import type { FreelanceErrorCode } from './freelance-error.js';

/** How an attempt can end without an answer. */
export type AttemptFailure =
  /** The connection would not take it: it never left this process. */
  | 'undelivered'
  /** The server said that it did not run it. */
  | 'refused'
  /** The connection was lost, or the server fell silent, after it was sent. */
  | 'lost'
  /** No answer within the attempt's time. */
  | 'timed-out';

export interface RetryPolicy {
  readonly maxAttempts: number;
  /** Whether running the call twice does no more than running it once. */
  readonly idempotent: boolean;
  /** Whether another server would do. */
  readonly elsewhere: boolean;
}

export interface CallHistory {
  /** Attempts that a server may have run. */
  readonly handedOver: number;
  /** Whether a value has already reached the caller. */
  readonly answered: boolean;
  /** Attempts that were lost with their server. */
  readonly losses: number;
}

/**
 * What becomes of a call whose attempt failed.
 *
 * - It never reached a handler: always safe to try elsewhere, and it costs no attempt.
 * - It may have run: tried again only if it is idempotent and attempts are left; after a time-out never at the server
 *   that may still run it.
 * - Its first value was delivered: never restarted behind the caller's back.
 * - It was for that server alone: there is no elsewhere.
 */
export function afterFailure(
  failure: AttemptFailure,
  history: CallHistory,
  policy: RetryPolicy,
): 'retry' | FreelanceErrorCode {
  if (history.answered) return 'STREAM_BROKEN';
  if (!policy.elsewhere) return codeOf(failure);
  if (failure === 'undelivered' || failure === 'refused') return 'retry';
  if (policy.idempotent && history.handedOver < policy.maxAttempts) return 'retry';
  return codeOf(failure);
}

/** When a call was sent, first and at last, and how long it may take. */
export interface Sent {
  /** When the first attempt went out that a server may have run. */
  readonly firstAt: number;
  /** When the one went out that is without an answer. */
  readonly latestAt: number;
  readonly deadlineAt: number;
}

/**
 * Until when an attempt stays open that has had no answer in its time, while no other server can have the call: until
 * the deadline, or for as long as all the attempts of the call would have taken.
 */
export function staysOpenUntil(
  { firstAt, latestAt, deadlineAt }: Sent,
  { requestTimeout, maxAttempts }: { requestTimeout: number; maxAttempts: number },
): number {
  if (deadlineAt < Infinity) return deadlineAt;
  return Math.max(firstAt + requestTimeout * maxAttempts, latestAt + requestTimeout);
}

/** What a call ends with whose last attempt failed so. */
export function codeOf(failure: AttemptFailure): FreelanceErrorCode {
  switch (failure) {
    case 'undelivered':
      return 'ECONNREFUSED';
    case 'refused':
      return 'OVERLOADED';
    case 'lost':
      return 'ECONNRESET';
    case 'timed-out':
      return 'ETIMEDOUT';
  }
}

/**
 * How long a call that every server has refused waits before it asks them once more: with full jitter, so that
 * those which were refused together do not return together. As long as the first pause of a probe.
 */
export const SECOND_ROUND: Backoff = { initial: 100, max: 100 };

/**
 * Whether another attempt may be more than the servers had to do anyway, and so needs the retry budget.
 *
 * - It did not run: the attempt moves on, and nothing is done twice.
 * - It was lost with its server: a server stops what runs for a client whose connection it lost, so the call
 *   moves, too. All calls of a server that dies move at once, however many: no budget holds them back. But a
 *   call that was lost before may be what kills its servers.
 * - It had no answer: the server may still be at it.
 */
export function addsLoad(failure: AttemptFailure, { losses }: CallHistory): boolean {
  return failure === 'timed-out' || (failure === 'lost' && losses > 1);
}
