import type { CallStats, LatencyBucket } from '../agents/call-stats.js';
import type { Rates } from './snapshot.js';

/** What has been counted until some moment; it only grows, until whoever counts is restarted. */
export interface Counters {
  /** How many calls have begun. */
  readonly calls: number;
  /** How many ended with an error. */
  readonly errors: number;
  /** How many were measured: those that were answered, or ended with an error. */
  readonly measured: number;
  /** Of those. Cumulative, in ascending order; `measured` has the rest. */
  readonly buckets: readonly LatencyBucket[];
}

/** What was counted between two moments. */
export interface Flow {
  readonly callsPerSecond: number;
  readonly errorsPerSecond: number;
  readonly measured: number;
  readonly buckets: readonly LatencyBucket[];
  /** The time between the two, in ms; 0 if nobody knows what was counted in it. */
  readonly overMs: number;
}

export const NO_COUNTERS: Counters = { calls: 0, errors: 0, measured: 0, buckets: [] };

export const NO_FLOW: Flow = {
  callsPerSecond: 0,
  errorsPerSecond: 0,
  measured: 0,
  buckets: [],
  overMs: 0,
};

export function countersOf({ calls, errors, latency }: CallStats): Counters {
  return {
    calls,
    errors: errorCount(errors),
    measured: latency.count,
    buckets: latency.buckets,
  };
}

export function errorCount(errors: CallStats['errors']): number {
  return Object.values(errors).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/**
 * What was counted between two readings. If a counter has fallen, the one who counts was restarted in between, and nobody
 * knows how much it had counted by then: nothing, rather than something negative.
 *
 * @param ms between the two, by the clock of the one who counts
 */
export function flowBetween(before: Counters, after: Counters, ms: number): Flow {
  const calls = after.calls - before.calls;
  const errors = after.errors - before.errors;
  const measured = after.measured - before.measured;
  if (ms <= 0 || calls < 0 || errors < 0 || measured < 0) return NO_FLOW;
  return {
    callsPerSecond: perSecond(before.calls, after.calls, ms),
    errorsPerSecond: perSecond(before.errors, after.errors, ms),
    measured,
    buckets: bucketsBetween(before.buckets, after.buckets),
    overMs: ms,
  };
}

/** Of a counter that only grows; 0 if it has fallen. */
export function perSecond(before: number, after: number, ms: number): number {
  return ms > 0 && after > before ? ((after - before) * MS_PER_S) / ms : 0;
}

export function sumOf(flows: readonly Flow[]): Flow {
  return flows.reduce(plus, NO_FLOW);
}

/** For a snapshot: undefined if the rates of the flow are not known. */
export function knownOverMs({ overMs }: Flow): number | undefined {
  return overMs > 0 ? overMs : undefined;
}

/** Quantiles of a flow: those of its buckets, which can be summed up over servers. */
export function ratesOf(flow: Flow): Rates {
  return {
    callsPerSecond: flow.callsPerSecond,
    errorsPerSecond: flow.errorsPerSecond,
    p50Ms: quantileOf(flow, 0.5),
    p90Ms: quantileOf(flow, 0.9),
    p99Ms: quantileOf(flow, 0.99),
  };
}

/**
 * The value that this share of the measured ones does not exceed, interpolated within its bucket; the last bound, if it is
 * beyond that. Source: Prometheus, `histogram_quantile`.
 *
 * @returns undefined if nothing was measured
 */
export function quantileOf(
  { measured, buckets }: Pick<Flow, 'measured' | 'buckets'>,
  quantile: number,
): number | undefined {
  if (measured === 0) return undefined;
  const rank = quantile * measured;
  let below: LatencyBucket = { leMs: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count > below.count && bucket.count >= rank) {
      const share = Math.max(rank - below.count, 0) / (bucket.count - below.count);
      return below.leMs + share * (bucket.leMs - below.leMs);
    }
    below = bucket;
  }
  return buckets.at(-1)?.leMs;
}

const MS_PER_S = 1000;

function bucketsBetween(
  before: readonly LatencyBucket[],
  after: readonly LatencyBucket[],
): LatencyBucket[] {
  const counts = countsOf(before);
  return after.map(({ leMs, count }) => ({
    leMs,
    count: Math.max(count - (counts.get(leMs) ?? 0), 0),
  }));
}

function plus(one: Flow, other: Flow): Flow {
  return {
    callsPerSecond: one.callsPerSecond + other.callsPerSecond,
    errorsPerSecond: one.errorsPerSecond + other.errorsPerSecond,
    measured: one.measured + other.measured,
    buckets: bucketsTogether(one, other),
    overMs: Math.max(one.overMs, other.overMs),
  };
}

/** At the bounds that both have, where both have measured something: other versions may have other bounds. */
function bucketsTogether(one: Flow, other: Flow): readonly LatencyBucket[] {
  if (one.measured === 0) return other.buckets;
  if (other.measured === 0) return one.buckets;
  const counts = countsOf(other.buckets);
  return one.buckets.flatMap(({ leMs, count }) => {
    const more = counts.get(leMs);
    return more === undefined ? [] : [{ leMs, count: count + more }];
  });
}

function countsOf(buckets: readonly LatencyBucket[]): Map<number, number> {
  return new Map(buckets.map(({ leMs, count }) => [leMs, count]));
}
