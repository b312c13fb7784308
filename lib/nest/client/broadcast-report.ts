import type { BroadcastObserver } from '../../agents/client/broadcast.js';
import type { BroadcastOutcome } from '../../agents/client/broadcast-outcome.js';
import type { CallObserver } from '../../agents/client/call-contract.js';
import { describeBroadcast, failuresOf } from '../../agents/client/describe-broadcast.js';
import type { BroadcastFailure } from '../../core/freelance-error.js';
import type { Pattern } from '../../protocol/headers.js';

/** What `emit` of a broadcast yields: who accepted the event, and who did not, and why. */
export interface BroadcastReport {
  /** The endpoints of the servers that accepted it. */
  readonly accepted: readonly string[];
  /** The other servers, those that were not reached among them. */
  readonly failed: readonly BroadcastFailure[];
}

export function broadcastReport(outcomes: readonly BroadcastOutcome[]): BroadcastReport {
  return {
    accepted: outcomes.filter(({ type }) => type === 'answered').map(({ endpoint }) => endpoint),
    failed: failuresOf(outcomes),
  };
}

/** A broadcast call yields the values of all its servers, then fails if any server did. */
export function answersOfBroadcast(pattern: Pattern, answers: CallObserver): BroadcastObserver {
  return {
    next: (value) => answers.next(value),
    done: (outcomes) => {
      const error = describeBroadcast(pattern, outcomes);
      if (error) answers.error(error);
      else answers.complete();
    },
    error: (error) => answers.error(error),
  };
}

/** A broadcast event yields no values; it completes with the outcome at every server. */
export function outcomesOfBroadcast(
  done: (outcomes: readonly BroadcastOutcome[]) => void,
  answers: CallObserver,
): BroadcastObserver {
  return {
    next() {},
    done: (outcomes) => {
      done(outcomes);
      answers.complete();
    },
    error: (error) => answers.error(error),
  };
}
