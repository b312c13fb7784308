import type { BroadcastOutcome } from '../../agents/client/broadcast.js';

/** What `emit` of a broadcast yields: who accepted the event, and who did not, and why. */
export interface BroadcastReport {
  /** Endpoints. */
  readonly accepted: readonly string[];
  readonly failed: readonly { readonly endpoint: string; readonly error: unknown }[];
}

export function broadcastReport(outcomes: readonly BroadcastOutcome[]): BroadcastReport {
  const accepted: string[] = [];
  const failed: { endpoint: string; error: unknown }[] = [];
  for (const outcome of outcomes) {
    if (outcome.type === 'answered') accepted.push(outcome.endpoint);
    else failed.push({ endpoint: outcome.endpoint, error: outcome.error });
  }
  return { accepted, failed };
}
