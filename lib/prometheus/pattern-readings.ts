import type { CallStats } from '../agents/call-stats.js';
import type { Labels, Reading } from './metric.js';

/** Statistics by pattern, as clients and servers have them. */
export interface StatsByPattern<Stats> {
  readonly patterns: Readonly<Record<string, Stats>>;
  readonly otherPatterns: Stats;
}

/**
 * The label of all patterns beyond the first 200, and of those that a server has no handler for; of other labels likewise.
 * OpenTelemetry's conventions name an unknown method so.
 */
export const OTHER = '_OTHER';

/** One value, or histogram, for each pattern. */
export function byPattern<Stats extends CallStats>(
  read: (stats: Stats) => Reading[1],
): (stats: StatsByPattern<Stats>) => Reading[] {
  return (stats) => labelled(stats).map(([labels, of]) => [labels, read(of)]);
}

/** The errors of each pattern, by their kind. */
export function errorsByPattern(stats: StatsByPattern<CallStats>): Reading[] {
  return labelled(stats).flatMap(([labels, { errors }]) =>
    Object.entries(errors).map(([error, count = 0]): Reading => [{ ...labels, error }, count]),
  );
}

function labelled<Stats extends CallStats>({
  patterns,
  otherPatterns,
}: StatsByPattern<Stats>): [Labels, Stats][] {
  const all = Object.entries(patterns).map(([name, stats]): [Labels, Stats] => [
    // Quoted, a pattern of that very name is not taken for the sum of others. And half a surrogate pair, which users' data may
    // contain, is escaped: in UTF-8 it would be U+FFFD, so that two patterns were the same series.
    { pattern: name === OTHER || !name.isWellFormed() ? JSON.stringify(name) : name },
    stats,
  ]);
  if (otherPatterns.calls > 0) all.push([{ pattern: OTHER }, otherPatterns]);
  return all;
}
