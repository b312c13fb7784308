/**
 * How long a recovered server gets less than its share of the calls, in ms: as long as response times count
 * (`peak-ewma.ts`), so that they are known by the time it gets its full share.
 */
export const SLOW_START_MS = 10_000;

/** Its initial share. Source: Envoy, `slow_start_config.min_weight_percent`, 10 %. */
const LEAST_SHARE = 0.1;

/**
 * The share of calls for which a recovered server is offered to the balancer, from 0 to 1. It grows linearly: a process
 * that has just started has cold caches, and a server that has just failed may fail again.
 *
 * Source: Envoy, slow start mode, with an `aggression` of 1.
 */
export function shareOfRecovered(recoveredAt: number, now: number): number {
  return Math.min(Math.max((now - recoveredAt) / SLOW_START_MS, LEAST_SHARE), 1);
}
