import { callersOf } from './callers.js';
import type { PatternTally } from './pattern-tally.js';
import { type Flow, flowBetween, NO_COUNTERS, NO_FLOW, perSecond } from './rates.js';
import type { Reading } from './reading.js';
import type { CallerSnapshot } from './snapshot.js';

/** What a server has counted. */
export type ServerCounts = Pick<Reading, 'total' | 'refused' | 'patterns' | 'callers'>;

/** What a server did between two readings of its counters. */
export interface Activity {
  readonly flow: Flow;
  readonly refusedPerSecond: number;
  readonly patterns: readonly PatternTally[];
  readonly callers: readonly CallerSnapshot[];
}

export const NO_ACTIVITY: Activity = {
  flow: NO_FLOW,
  refusedPerSecond: 0,
  patterns: [],
  callers: [],
};

/**
 * @param before undefined at the first reading: what there is, without rates
 * @param ms between the two readings, by the clock of the server
 */
export function activityBetween(
  before: ServerCounts | undefined,
  after: ServerCounts,
  ms: number,
): Activity {
  return {
    flow: before ? flowBetween(before.total, after.total, ms) : NO_FLOW,
    refusedPerSecond: before ? perSecond(before.refused, after.refused, ms) : 0,
    patterns: talliesOf(before, after, ms),
    callers: callersOf(before, after, ms),
  };
}

function talliesOf(
  before: ServerCounts | undefined,
  after: ServerCounts,
  ms: number,
): PatternTally[] {
  return [...after.patterns].map(([pattern, counters]) => {
    const { calls, errors, pending } = counters;
    // One that was not there before began to count in between.
    const flow = before
      ? flowBetween(before.patterns.get(pattern) ?? NO_COUNTERS, counters, ms)
      : NO_FLOW;
    return { pattern, calls, errors, pending, flow };
  });
}
