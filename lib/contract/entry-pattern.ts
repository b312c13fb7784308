import { isPlainObject } from '../nest/options/plain-object.js';
import { shown } from '../nest/options/shown.js';
import { isPattern } from '../protocol/headers.js';
import { reservedNameOf } from '../protocol/introspection.js';
import { MAX_DEPTH, MOST_MEMBERS, nameOf } from '../protocol/pattern-name.js';
import { RAW_PATTERN, READINESS_PATTERN } from '../protocol/untyped.js';

/** Servers of this library read them in a way of their own. */
const RESERVED: ReadonlySet<string> = new Set([RAW_PATTERN, READINESS_PATTERN]);

/** What is wrong with the pattern of an entry, behind "its pattern"; undefined if nothing is. */
export function whatIsWrongWith(pattern: unknown): string | undefined {
  if (typeof pattern === 'string') {
    if (pattern === '') return 'must not be empty';
    if (!isPattern(pattern)) return 'must have at most 16384 characters';
  } else {
    if (!isPlainObject(pattern)) return `must be a string or an object, but is ${shown(pattern)}`;
    if (Object.keys(pattern).length === 0) return 'must not be an object without members';
    if (!isDistinct(pattern, 0)) return NOT_DISTINCT;
  }
  const name = nameOf(pattern as string);
  const isReserved = RESERVED.has(name) || reservedNameOf(pattern) !== undefined;
  return isReserved ? `must not be ${shown(name)}, which is reserved` : undefined;
}

const NOT_DISTINCT =
  `must be an object of strings, numbers, booleans and such objects, with at most ${MOST_MEMBERS} members in each, and ` +
  `none within more than ${MAX_DEPTH} others. Nest does not tell others apart`;

function isDistinct(value: unknown, depth: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value))
    return true;
  if (!isPlainObject(value) || depth > MAX_DEPTH) return false;
  const members = Object.values(value) as unknown[];
  return members.length <= MOST_MEMBERS && members.every((member) => isDistinct(member, depth + 1));
}

/** A copy of a sound pattern that cannot be changed, so that callers and handlers keep the same. */
export function frozen(pattern: object): object {
  const members = Object.entries(pattern).map(([key, value]: [string, unknown]) => [
    key,
    isPlainObject(value) ? frozen(value) : value,
  ]);
  return Object.freeze(Object.fromEntries(members) as object);
}
