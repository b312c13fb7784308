import type { BroadcastOutcome } from '../../agents/client/broadcast-outcome.js';
import { failuresOf } from '../../agents/client/describe-broadcast.js';
import type { BroadcastFailure } from '../../core/freelance-error.js';

/** What `emit` of a broadcast yields: who accepted the event, and who did not, and why. */
export interface BroadcastReport {
  /** The endpoints of the servers that accepted it. */
  readonly accepted: readonly string[];
  /** The others, those that were not reached among them. */
  readonly failed: readonly BroadcastFailure[];
}

export function broadcastReport(outcomes: readonly BroadcastOutcome[]): BroadcastReport {
  return {
    accepted: outcomes.filter(({ type }) => type === 'answered').map(({ endpoint }) => endpoint),
    failed: failuresOf(outcomes),
  };
}
