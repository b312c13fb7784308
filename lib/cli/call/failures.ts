import { FreelanceError } from '../../core/freelance-error.js';
import { plainText } from '../../core/plain-text.js';
import { isError } from '../../is-error.js';
import { CliError, exitCodeFor } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { jsonOf } from './show-value.js';

/**
 * Tells what a call or an event failed with. What a handler answered goes to standard error as it came.
 *
 * @throws the library's own errors, unless they are to be JSON
 */
export function tellFailure(error: unknown, isJson: boolean, io: CliIo): void {
  // Whoever interrupts it knows why it ends.
  if (io.interrupted.aborted) return;
  if (isJson) io.err(`${jsonOf(failureAsJson(error))}\n`);
  else if (!isError(error)) io.err(`${handlersWords(error, io.isErrTty)}\n`);
  else throw error instanceof FreelanceError ? error : new CliError(error.message);
  io.exit(exitCodeFor(error));
}

/** What a call failed with, as JSON: the library's own errors with what they know, a handler's error as it is. */
export function failureAsJson(error: unknown): unknown {
  if (error instanceof FreelanceError) {
    const { code, message, attempts, mayHaveRun } = error;
    return { code, message, attempts, mayHaveRun };
  }
  return isError(error) ? { message: error.message } : error;
}

function handlersWords(error: unknown, isPretty: boolean): string {
  return typeof error === 'string' ? printable(error) : jsonOf(error, isPretty);
}

/** Text whose lines stay lines, and of which a terminal obeys nothing else. */
function printable(text: string): string {
  return text
    .split('\n')
    .map((line) => plainText(line, LONGEST_LINE))
    .join('\n');
}

const LONGEST_LINE = 10_000;
