import { plainText } from '../core/plain-text.js';
import { isObject } from '../is-object.js';

/** What a schema finds wrong, as JSON carries it. */
export interface ContractIssue {
  /** In the words of the schema; cut after 200 characters. */
  readonly message: string;
  /** The members that lead there, from the outside in; missing if it is the whole value. A symbol is told by its text. */
  readonly path?: readonly (string | number)[];
}

/**
 * Bounds of what an error tells. The sender of a payload decides how many issues it has, and how long their paths are, and
 * gets them all back.
 */
const MOST_ISSUES = 20;
const LONGEST_MESSAGE = 200;
const LONGEST_PATH = 16;
const LONGEST_KEY = 64;

/** How many issues stand in the message of an error. */
const MOST_SHOWN = 3;

/** Reads the issues of a schema; undefined if one of them is malformed. What is past the bounds is left out. */
export function readIssues(given: readonly unknown[]): readonly ContractIssue[] | undefined {
  const issues: ContractIssue[] = [];
  for (const issue of first(given, MOST_ISSUES)) {
    if (!isObject(issue)) return undefined;
    const { message, path = [] }: { message?: unknown; path?: unknown } = issue;
    if (typeof message !== 'string' || !isPath(path)) return undefined;
    const keys = first(path, LONGEST_PATH).map(readKey);
    issues.push({ message: cut(message, LONGEST_MESSAGE), ...(keys.length > 0 && { path: keys }) });
  }
  return issues;
}

/** The issues in one line: `items.0.count: expected number (and 2 more)`. @param total how many the schema has found */
export function describeIssues(issues: readonly ContractIssue[], total = issues.length): string {
  const shown = issues.slice(0, MOST_SHOWN);
  const texts = shown.map(({ message, path = [] }) =>
    [...(path.length > 0 ? [path.join('.')] : []), message].join(': '),
  );
  const more = total - shown.length;
  const all = texts.map((text) => plainText(text, LONGEST_LINE)).join('; ');
  return more > 0 ? `${all} (and ${more} more)` : all;
}

/** Of one issue in a message. */
const LONGEST_LINE = 300;

/** Not `slice`: ArkType's lists and paths are subclasses of `Array`, which would construct one of their own from a number. */
function first(list: readonly unknown[], most: number): unknown[] {
  return Array.from({ length: Math.min(list.length, most) }, (_, index) => list[index]);
}

/** A key of a path, or an object that has it. */
function readKey(given: unknown): string | number {
  const key = isObject(given) && 'key' in given ? given.key : given;
  if (typeof key === 'number' && Number.isFinite(key)) return key;
  return cut(String(key), LONGEST_KEY);
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function isPath(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
