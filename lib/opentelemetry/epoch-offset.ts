import { monotonicNow } from '../node-timers.js';

/**
 * Milliseconds since 1970 at the zero of the messages' clock. Asked anew for each call, because `performance.timeOrigin` stays what
 * it was when the system's clock is set. One call and its attempts share one answer, so that they keep their order: `Date.now()` has
 * whole milliseconds.
 */
export function epochOffset(): number {
  return Date.now() - monotonicNow();
}
