import { isError } from '../is-error.js';

/** The code of an error of Node or zeromq.js, such as `EADDRINUSE`. */
export function errorCode(error: unknown): string | undefined {
  return isError(error) && 'code' in error ? String(error.code) : undefined;
}
