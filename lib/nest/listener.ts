import { isThenable } from '../core/thenable.js';

/**
 * A listener of the user's, which harms nobody: what it throws, or what its promise rejects with, goes to
 * `failed` and no further. Thrown into the turn of the event loop that calls it, it would end the process.
 */
export function guarded<Arguments extends readonly unknown[]>(
  listener: (...heard: Arguments) => unknown,
  failed: (error: unknown) => void,
): (...heard: Arguments) => void {
  return (...heard) => {
    try {
      const result = listener(...heard);
      if (isThenable(result)) result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  };
}
