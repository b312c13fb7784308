import { UsageError } from '../cli-error.js';
import { readJson } from './read-json.js';

/** A pattern as it is written on a command line: text, or a JSON object. @throws UsageError */
export function readPattern(text: string): string | object {
  if (text === '') throw new UsageError('the pattern is empty');
  if (!text.startsWith('{')) return text;
  return readJson(text, 'the pattern, which begins with { and should be an object,') as object;
}
