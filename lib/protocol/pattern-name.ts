import type { Pattern } from './headers.js';

/** Nest takes all objects of more members for one pattern (DEFAULT_MAX_KEYS in its transform-pattern.utils). */
const MOST_MEMBERS = 20;
/** Likewise all that is nested deeper (DEFAULT_MAX_DEPTH). */
const MAX_DEPTH = 5;

/** JSON text that is neither an object, a number nor text names itself. */
const MAY_BE_JSON = /^[\s{["\d-]/;

/**
 * The text that names a pattern: equal for two patterns exactly if they reach the same handlers. Of an object that is
 * its JSON with the members in order; text that is JSON names what it says, as in Nest (`getRouteFromPattern`).
 */
export function nameOf(pattern: Pattern | number): string {
  if (typeof pattern !== 'string') return textOf(pattern, 0);
  if (!MAY_BE_JSON.test(pattern)) return pattern;
  try {
    const value: unknown = JSON.parse(pattern);
    return typeof value === 'string' ? value : textOf(value, 0);
  } catch {
    return pattern;
  }
}

function textOf(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = new Map(Object.entries(value).filter(([, member]) => member !== undefined));
  if (members.size > MOST_MEMBERS || depth > MAX_DEPTH) return '{…}';
  const texts = [...members.keys()]
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${textOf(members.get(key), depth + 1)}`);
  return `{${texts.join(',')}}`;
}
