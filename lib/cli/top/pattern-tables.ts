import { plainText } from '../../core/plain-text.js';
import type { PatternSnapshot, ServerSnapshot } from '../../fleet/snapshot.js';
import { rateOfAll } from './known-rates.js';
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

/** @param servers those that tell of the patterns */
function failingColumns(servers: readonly ServerSnapshot[]): readonly Column<PatternSnapshot>[] {
  const rate = (perSecond: number) => shownRate(rateOfAll(servers, perSecond));
  return [
    named('FAILING PATTERNS'),
    { ...CALLS, text: ({ callsPerSecond }) => rate(callsPerSecond) },
    {
      title: 'ERRORS/S',
      align: 'right',
      rank: 1,
      text: ({ errorsPerSecond }) => rate(errorsPerSecond),
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
}

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

/** @param servers those that tell of the patterns */
export function failingTable(
  patterns: readonly PatternSnapshot[],
  servers: readonly ServerSnapshot[],
  width: number,
): Table {
  return tableOf(failingColumns(servers), patterns, width);
}
