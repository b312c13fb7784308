import { type Flow, ratesOf, sumOf } from './rates.js';
import type { PatternSnapshot } from './snapshot.js';

/** What was counted of one pattern, in all and lately. */
export interface PatternTally {
  readonly pattern: string;
  readonly calls: number;
  readonly errors: number;
  readonly pending: number;
  readonly flow: Flow;
}

export function patternSnapshot({ flow, ...counts }: PatternTally): PatternSnapshot {
  return { ...counts, ...ratesOf(flow) };
}

/** One tally for each pattern, whoever counted it: those with most calls first. */
export function byPattern(tallies: readonly PatternTally[], most: number): PatternTally[] {
  const groups = new Map<string, PatternTally[]>();
  for (const tally of tallies) {
    const group = groups.get(tally.pattern);
    if (group) group.push(tally);
    else groups.set(tally.pattern, [tally]);
  }
  return [...groups.values()]
    .map(together)
    .toSorted((one, other) => other.calls - one.calls)
    .slice(0, most);
}

function together(tallies: readonly PatternTally[]): PatternTally {
  const [first] = tallies;
  const sum = (read: (tally: PatternTally) => number) =>
    tallies.reduce((total, tally) => total + read(tally), 0);
  return {
    pattern: first?.pattern ?? '',
    calls: sum(({ calls }) => calls),
    errors: sum(({ errors }) => errors),
    pending: sum(({ pending }) => pending),
    flow: sumOf(tallies.map(({ flow }) => flow)),
  };
}
