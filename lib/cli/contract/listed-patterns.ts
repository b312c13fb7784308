import { membersOf } from '../../is-object.js';

/** A pattern as a server lists it. What it does not tell is undefined. */
export interface ListedPattern {
  readonly pattern: string;
  readonly kind: string | undefined;
  readonly isAtMostOnce: boolean | undefined;
}

export interface ListedPatterns {
  readonly patterns: readonly ListedPattern[];
  /** How many patterns the server has not told. */
  readonly morePatterns: number;
}

/** The patterns of an answer to `$freelance.info`, as they are: not safe to print. */
export function listedPatterns(answer: unknown): ListedPatterns {
  const { patterns, morePatterns } = membersOf(answer);
  return {
    patterns: (Array.isArray(patterns) ? patterns.map(membersOf) : []).flatMap(
      ({ pattern, kind, atMostOnce }) =>
        typeof pattern === 'string'
          ? {
              pattern,
              kind: typeof kind === 'string' ? kind : undefined,
              isAtMostOnce: typeof atMostOnce === 'boolean' ? atMostOnce : undefined,
            }
          : [],
    ),
    morePatterns: typeof morePatterns === 'number' ? morePatterns : 0,
  };
}
