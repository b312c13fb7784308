import { isError } from '../is-error.js';

export function reasonOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}
