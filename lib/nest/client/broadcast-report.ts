import type { BroadcastOutcome } from '../../agents/client/broadcast.js';

/** What `emit` of a broadcast yields: who accepted the event, and who did not, and why. */
export interface BroadcastReport {
  /** The endpoints of the servers that accepted it. */
  readonly accepted: readonly string[];
  /** The others, each with its error. If there was none to ask, the one `endpoint` is `no server`. */
  readonly failed: readonly {
    /** The server's address. */
    readonly endpoint: string;
    /** A `FreelanceError`, or what the server answered. */
    readonly error: unknown;
  }[];
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
