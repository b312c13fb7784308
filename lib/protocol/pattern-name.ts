import type { Pattern } from './headers.js';

/** Nest treats all larger objects as one pattern (DEFAULT_MAX_KEYS in its transform-pattern.utils). */
export const MOST_MEMBERS = 20;
/** Nest treats everything nested deeper as one pattern (DEFAULT_MAX_DEPTH). */
export const MAX_DEPTH = 5;

/** Only text that starts like this can be JSON whose name differs from the text itself. */
const MAY_BE_JSON = /^[\s{["\d-]/;

/**
 * The text that names a pattern. Two patterns that reach the same handler have the same name. An object is named by its
 * JSON with sorted members; JSON text is named by the value it encodes, as in Nest (`getRouteFromPattern`). The name of a
 * name is the name itself: a client also names what a server named.
 */
export function nameOf(pattern: Pattern | number): string {
  if (typeof pattern !== 'string') return textOf(pattern, 0);
  if (!MAY_BE_JSON.test(pattern)) return pattern;
  try {
    const value: unknown = JSON.parse(pattern);
    return typeof value === 'string' ? nameOf(value) : textOf(value, 0);
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
