import { nameOf } from './pattern-name.js';

/** Patterns that begin with this belong to the protocol: no handler of the user's is for them. */
const RESERVED_PREFIX = '$freelance.';

/** What a server is, and what it offers. */
export const INFO_PATTERN = '$freelance.info';

/** What it has done. */
export const STATS_PATTERN = '$freelance.stats';

/** The name of a reserved pattern, however it is spelled; undefined for all other patterns. Asked for each call. */
export function reservedNameOf(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string' || pattern.charCodeAt(0) > DOLLAR) return undefined;
  if (pattern.startsWith(RESERVED_PREFIX)) return pattern;
  // Nest reads patterns as JSON, in which every character can be written as an escape.
  if (!MAY_BE_JSON_STRING.test(pattern)) return undefined;
  const name = nameOf(pattern);
  return name.startsWith(RESERVED_PREFIX) ? name : undefined;
}

/** Letters come after it, quotation marks and white space before: names of patterns rarely begin with anything up to it. */
const DOLLAR = '$'.charCodeAt(0);

const MAY_BE_JSON_STRING = /^\s*"/;
