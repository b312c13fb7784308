import { plainText } from '../../core/plain-text.js';
import { UsageError } from '../cli-error.js';
import { jsonFault } from './json-fault.js';

/** How much of a long line is shown around its fault, in characters. */
const SHOWN_BEFORE = 40;
const SHOWN_AFTER = 30;

/**
 * Reads JSON that somebody wrote.
 *
 * @param what it is, for the error, such as "the data"
 * @param hint what to do if it was not meant as JSON
 * @throws UsageError, which says where it stops being JSON, and what should be there
 */
export function readJson(text: string, what: string, hint = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(describeFault(text, what, hint));
  }
}

function describeFault(text: string, what: string, hint: string): string {
  if (text.trim() === '') return `${what} is empty, and should be JSON${hint && `. ${hint}`}`;
  const { at, expected } = jsonFault(text);
  const before = text.slice(0, at).split('\n');
  const line = before.length;
  const lineStart = before.at(-1) ?? '';
  const [lineEnd = ''] = text.slice(at).split(/\r?\n/u);
  const shownStart = plainText(lineStart.slice(-SHOWN_BEFORE));
  const shown = shownStart + plainText(lineEnd.slice(0, SHOWN_AFTER));
  return [
    `${what} is not JSON: line ${line}, column ${lineStart.length + 1}: expected ${expected}`,
    `  ${shown}`,
    `  ${' '.repeat(shownStart.length)}^`,
    ...(hint === '' ? [] : [hint]),
  ].join('\n');
}
