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
}

/**
 * What becomes of a call whose attempt failed.
 *
 * - It never reached a handler: always safe to try elsewhere, and it costs no attempt.
 * - It may have run: tried again only if it is idempotent and attempts are left.
 * - Its first value was delivered: never restarted behind the caller's back.
 * - It was for that server alone: there is no elsewhere.
 */
export function afterFailure(
  failure: AttemptFailure,
  history: CallHistory,
  policy: RetryPolicy,
): 'retry' | FreelanceErrorCode {
  if (history.answered) return 'STREAM_BROKEN';
  if (failure === 'undelivered') return policy.elsewhere ? 'retry' : 'ECONNREFUSED';
  if (failure === 'refused') return policy.elsewhere ? 'retry' : 'OVERLOADED';
  if (policy.elsewhere && policy.idempotent && history.handedOver < policy.maxAttempts)
    return 'retry';
  return failure === 'lost' ? 'ECONNRESET' : 'ETIMEDOUT';
}
