import { isError } from '../is-error.js';

/** The code that Node, or zeromq.js, gives its errors: `EADDRINUSE`. */
export function errorCode(error: unknown): string | undefined {
  return isError(error) && 'code' in error ? String(error.code) : undefined;
}
