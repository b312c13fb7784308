import type { LatencyBucket } from '../agents/call-stats.js';
import { membersOf } from '../is-object.js';
import type { Counters } from './rates.js';

export interface CallReading extends Counters {
  readonly pending: number;
}

/** What one server says of itself at one moment. */
export interface Reading {
  readonly id: string | undefined;
  /** In ms since 1970, by the clock of the server. */
  readonly startedAt: number;
  readonly uptimeMs: number;
  readonly total: Counters;
  readonly refused: number;
  readonly running: number;
  readonly queued: number;
  readonly clients: number;
  readonly patterns: ReadonlyMap<string, CallReading>;
  /** By the ids that clients gave themselves. */
  readonly callers: ReadonlyMap<string, CallReading>;
}

/** What all patterns beyond the first 200 count as, and those that no handler is for. */
export const OTHER_PATTERNS = '(other patterns)';

/** As many patterns, and as many clients, as a server of this library tells apart. */
const MOST_NAMES = 200;

/** Servers of this library have 15. */
const MOST_BUCKETS = 100;

/** In UTF-16 code units. */
const LONGEST_NAME = 500;

/**
 * Reads what came in answer to `$freelance.stats`. It is a peer's: what is missing or makes no sense counts as 0.
 *
 * @returns undefined if it is nothing of the kind
 */
export function readReading(value: unknown): Reading | undefined {
  const { id, at, uptimeMs, stats } = membersOf(value);
  if (typeof stats !== 'object' || stats === null) return undefined;
  const { patterns, otherPatterns, callers, refused, running, queued, clients } = membersOf(stats);
  const others = callReadingOf(otherPatterns);
  const byPattern = readingsOf(patterns);
  if (others.calls > 0) byPattern.set(OTHER_PATTERNS, others);
  return {
    id: typeof id === 'string' ? shortened(id) : undefined,
    startedAt: countOf(at) - countOf(uptimeMs),
    uptimeMs: Math.round(countOf(uptimeMs)),
    total: callReadingOf(stats),
    refused: Object.values(membersOf(refused)).reduce<number>((sum, n) => sum + countOf(n), 0),
    // The question itself is one of them.
    running: Math.max(countOf(running) - 1, 0),
    queued: countOf(queued),
    clients: countOf(clients),
    patterns: byPattern,
    callers: readingsOf(callers),
  };
}

/** Whether the counters of both are those of one process. The clocks of server and observer may drift, and the server's may be set. */
export function isSameRun(before: Reading, after: Reading): boolean {
  return (
    before.id === after.id &&
    after.uptimeMs >= before.uptimeMs &&
    Math.abs(after.startedAt - before.startedAt) <= MOST_DRIFT_MS
  );
}

/** Of a clock that is slewed: 500 ppm (adjtimex(2)) of the seconds between two readings; and rounding. A new process takes longer. */
const MOST_DRIFT_MS = 50;

function readingsOf(value: unknown): Map<string, CallReading> {
  const all = Object.entries(membersOf(value)).slice(0, MOST_NAMES);
  return new Map(all.map(([name, each]) => [shortened(name), callReadingOf(each)]));
}

function callReadingOf(value: unknown): CallReading {
  const { calls, errors, pending, latency } = membersOf(value);
  const { count, buckets } = membersOf(latency);
  const measured = countOf(count);
  return {
    calls: countOf(calls),
    errors: Object.values(membersOf(errors)).reduce<number>((sum, n) => sum + countOf(n), 0),
    pending: countOf(pending),
    measured,
    buckets: Array.isArray(buckets) ? buckets.slice(0, MOST_BUCKETS).map(bucketOf) : [],
  };
}

function bucketOf(value: unknown): LatencyBucket {
  const { leMs, count } = membersOf(value);
  return { leMs: countOf(leMs), count: countOf(count) };
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** At most what a counter can count to: rates and sums of larger numbers could be infinite, which JSON writes as null. */
function countOf(value: unknown): number {
  if (typeof value !== 'number' || !(value > 0)) return 0;
  return value === Infinity ? 0 : Math.min(value, Number.MAX_SAFE_INTEGER);
}
