import { CliError } from './cli-error.js';

/** What JSON leaves as it is, and a terminal obeys or hides: further control characters, marks of direction, invisible ones. */
const NOT_PLAIN = /[\u007F-\u009F\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;

/**
 * A value as JSON.
 *
 * @param indent of its levels; 0 for a single line
 * @throws CliError if it is nested more deeply than V8 can write. It reads such values, so peers can send them
 */
export function jsonText(value: unknown, indent = 0): string {
  try {
    return JSON.stringify(value, undefined, indent) ?? 'null';
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(TOO_DEEP);
    throw error;
  }
}

const TOO_DEEP = 'what the server sent is nested too deeply to be printed';

/** A value as one line of JSON, which may be shown at a terminal whatever peers have put into it. */
export function jsonLine(value: unknown): string {
  return `${plainJson(JSON.stringify(value))}\n`;
}

/** JSON that says the same, and that a terminal only shows. */
export function plainJson(json: string): string {
  return json.replaceAll(NOT_PLAIN, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
