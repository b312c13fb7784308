import { flowBetween, NO_COUNTERS, NO_FLOW, ratesOf } from './rates.js';
import type { Reading } from './reading.js';
import type { CallerSnapshot } from './snapshot.js';

/** So many in a snapshot: a server tells 200 apart, those that are gone included. */
const MOST_CALLERS = 50;

/**
 * The clients that call a server, the busiest first; those that only did so before come last, and first go.
 *
 * @param ms between the two readings, by the clock of the server
 */
export function callersOf(
  before: Pick<Reading, 'callers'> | undefined,
  after: Pick<Reading, 'callers'>,
  ms: number,
): CallerSnapshot[] {
  const callers = [...after.callers].map(([client, counters]): CallerSnapshot => {
    const flow = before
      ? flowBetween(before.callers.get(client) ?? NO_COUNTERS, counters, ms)
      : NO_FLOW;
    return Object.assign(ratesOf(flow), { client, pending: counters.pending });
  });
  return callers.toSorted((one, other) => weightOf(other) - weightOf(one)).slice(0, MOST_CALLERS);
}

function weightOf({ callsPerSecond, pending }: CallerSnapshot): number {
  return callsPerSecond + pending;
}
