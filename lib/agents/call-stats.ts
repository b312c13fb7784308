import { Histogram } from '../core/histogram.js';

/** How many calls took no longer than a bound. */
export interface LatencyBucket {
  /** The bound, in ms. */
  leMs: number;
  /** How many calls took no longer. */
  count: number;
}

/**
 * How long calls took, in ms, from their start to their end; a stream, until its last value. Quantiles and buckets are off by
 * at most 1/64 of the value. Quantiles cannot be added up over processes; buckets can.
 */
export interface LatencyStats {
  /** How many calls were measured. */
  count: number;
  /** All their times together. */
  sumMs: number;
  /** The median; undefined if there was no call. */
  p50Ms: number | undefined;
  /** Nine of ten calls took no longer. */
  p90Ms: number | undefined;
  /** 99 of a hundred calls took no longer. */
  p99Ms: number | undefined;
  /** The longest, exactly. */
  maxMs: number | undefined;
  /** Cumulative: each contains the ones before it. The last bound is 10 s; `count` has the rest. */
  buckets: LatencyBucket[];
}

/**
 * Calls and events, and what became of them. They are counted from `connect()` or `listen()` on. Each of the `calls` is
 * `pending`, or in the count of `latency`, or `cancelled`, or did not run: see `refused`. In all calls of a client together, `pending`
 * also contains those that a serializer or a deserializer has, which are not counted yet, or counted as ended already.
 */
export interface CallStats<ErrorKind extends string = string> {
  /** How many have begun. */
  calls: number;
  /** How many of those have not ended. */
  pending: number;
  /** How many ended with an error, by its kind. */
  errors: Partial<Record<ErrorKind, number>>;
  /** How many ended because nobody waited for them any more. */
  cancelled: number;
  /** How long those took that were answered, or ended with an error. What takes longer than 35 minutes counts as 35 in quantiles. */
  latency: LatencyStats;
}

/**
 * In ms. OpenTelemetry's buckets for `rpc.client.call.duration`, without those of a third step in each decade, and with finer
 * ones below 5 ms, where most calls of this transport end.
 */
const BUCKET_BOUNDS_MS = [
  0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
];

/** Histograms count whole microseconds. */
export const MICROS_PER_MS = 1000;

const BOUNDS = BUCKET_BOUNDS_MS.map((ms) => ms * MICROS_PER_MS);

/** @param micros of durations in microseconds */
export function latencyStats(micros: Histogram): LatencyStats {
  const counts = micros.cumulative(BOUNDS);
  const quantile = (share: number) => inMs(micros.quantile(share));
  return {
    count: micros.count,
    sumMs: micros.sum / MICROS_PER_MS,
    p50Ms: quantile(0.5),
    p90Ms: quantile(0.9),
    p99Ms: quantile(0.99),
    maxMs: micros.count === 0 ? undefined : inMs(micros.max),
    buckets: BUCKET_BOUNDS_MS.map((leMs, at) => ({ leMs, count: counts[at] ?? 0 })),
  };
}

/** Of no calls at all: a fresh object each time, which its reader may change. */
export function noCallStats(): CallStats<never> {
  return { calls: 0, pending: 0, errors: {}, cancelled: 0, latency: latencyStats(new Histogram()) };
}

function inMs(micros: number | undefined): number | undefined {
  return micros === undefined ? undefined : micros / MICROS_PER_MS;
}
