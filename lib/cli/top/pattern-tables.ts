import { plainText } from '../../core/plain-text.js';
import type { PatternSnapshot } from '../../fleet/snapshot.js';
import { shownCount, shownMs, shownRate, shownShare } from './numbers.js';
import { type Column, type Table, tableOf } from './table.js';

/** Patterns are long, and the only thing here that may be cut. */
function named(title: string): Column<PatternSnapshot> {
  return {
    title,
    align: 'left',
    rank: 0,
    min: 16,
    text: ({ pattern }) => plainText(pattern),
  };
}

const CALLS: Column<PatternSnapshot> = {
  title: 'CALLS/S',
  align: 'right',
  rank: 2,
  text: ({ callsPerSecond }) => shownRate(callsPerSecond),
};

const SLOWEST: readonly Column<PatternSnapshot>[] = [
  named('SLOWEST PATTERNS'),
  CALLS,
  { title: 'P50', align: 'right', rank: 3, text: ({ p50Ms }) => shownMs(p50Ms) },
  { title: 'P90', align: 'right', rank: 4, text: ({ p90Ms }) => shownMs(p90Ms) },
  { title: 'P99', align: 'right', rank: 1, text: ({ p99Ms }) => shownMs(p99Ms) },
  { title: 'PENDING', align: 'right', rank: 5, text: ({ pending }) => shownCount(pending) },
];

const FAILING: readonly Column<PatternSnapshot>[] = [
  named('FAILING PATTERNS'),
  CALLS,
  {
    title: 'ERRORS/S',
    align: 'right',
    rank: 1,
    text: ({ errorsPerSecond }) => shownRate(errorsPerSecond),
  },
  {
    title: 'ERRORS SINCE START',
    align: 'right',
    rank: 3,
    text: ({ errors }) => shownCount(errors),
  },
  {
    title: 'OF CALLS',
    align: 'right',
    rank: 4,
    text: ({ errors, calls }) => shownShare(errors, calls),
  },
];

/** Those that were called lately, the slowest first. */
export function slowestPatterns(patterns: readonly PatternSnapshot[]): PatternSnapshot[] {
  return patterns
    .filter(({ p99Ms }) => p99Ms !== undefined)
    .toSorted((one, other) => (other.p99Ms ?? 0) - (one.p99Ms ?? 0));
}

/** Those that have ever failed: those that fail most now first, then those that have failed most. */
export function failingPatterns(patterns: readonly PatternSnapshot[]): PatternSnapshot[] {
  return patterns
    .filter(({ errors }) => errors > 0)
    .toSorted(
      (one, other) => other.errorsPerSecond - one.errorsPerSecond || other.errors - one.errors,
    );
}

export function slowestTable(patterns: readonly PatternSnapshot[], width: number): Table {
  return tableOf(SLOWEST, patterns, width);
}

export function failingTable(patterns: readonly PatternSnapshot[], width: number): Table {
  return tableOf(FAILING, patterns, width);
}
