import { isError } from '../is-error.js';
import { isJsonObject } from './text.js';

/**
 * Encodes a failed handler's error for the wire: the JSON of what Nest hands to a transport, usually
 * `{"status":"error","message":"…"}` or a string.
 */
export function encodeError(error: unknown): string {
  return written(() => (isError(error) ? shownError(error) : error));
}

/** The older dialects have no status frame: a peer recognizes an error by its object with `"status":"error"`. */
export function encodeUntypedError(error: unknown): string {
  return written(() => {
    if (isError(error)) return nestError(error.message);
    if (typeof error === 'string') return nestError(error);
    if (isJsonObject(error)) return { ...nestError(FAILED), ...error, status: 'error' };
    // A bare number or array would be read as a value.
    return isJsonValue(error) ? { ...nestError(FAILED), error } : error;
  });
}

function written(shown: () => unknown): string {
  try {
    // JSON.stringify returns undefined for functions and symbols.
    const json = JSON.stringify(shown() ?? nestError('Unknown error')) as string | undefined;
    return json ?? UNSPEAKABLE;
  } catch {
    return UNSPEAKABLE;
  }
}

function isJsonValue(error: unknown): boolean {
  return typeof error === 'number' || typeof error === 'boolean' || Array.isArray(error);
}

const FAILED = 'The handler failed';

const UNSPEAKABLE = JSON.stringify(nestError('The error cannot be written as JSON'));

/** JSON omits an Error's message, which is not enumerable. Its other members are kept as they are. */
function shownError(error: Error): object {
  return 'toJSON' in error ? error : Object.assign(nestError(error.message), error);
}

function nestError(message: string): { status: 'error'; message: string } {
  return { status: 'error', message };
}
