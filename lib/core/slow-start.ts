/**
 * How long a server that has recovered gets less than its share of the calls, in ms: as long as response
 * times count (`peak-ewma.ts`), so that it is known by the time it is used in full.
 */
export const SLOW_START_MS = 10_000;

/** Its share at first. Source: Envoy, `slow_start_config.min_weight_percent`, 10 %. */
const LEAST_SHARE = 0.1;

/**
 * To what share of the calls a server is offered that recovered then, 0 to 1. It grows evenly: what has just
 * started has cold caches, and what has just failed may fail again.
 *
 * Source: Envoy, slow start mode, with an `aggression` of 1.
 */
export function shareOfRecovered(recoveredAt: number, now: number): number {
  return Math.min(Math.max((now - recoveredAt) / SLOW_START_MS, LEAST_SHARE), 1);
}
