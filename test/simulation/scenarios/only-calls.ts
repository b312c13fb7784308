import { LONG_STREAM, type Workload } from '../workload/ask.js';

/** One call at a time, and nothing but calls: for scenarios about the shape of the load, not its variety. */
export function onlyCalls(pace: Pick<Workload, 'pauseMs' | 'requestTimeoutMs'>): Workload {
  return {
    ...pace,
    burst: 1,
    streams: 0,
    events: 0,
    broadcasts: 0,
    idempotent: 1,
    failing: 0,
    hanging: 0,
    hedged: 0,
    keyed: 0,
    cancelled: 0,
    withDeadline: 0,
    meddling: 0,
    maxAttempts: 3,
    insistent: 0,
    longestStream: LONG_STREAM,
  };
}
