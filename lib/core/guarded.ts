import { isThenable } from './thenable.js';

/**
 * Wraps the user's listener, so that what it throws or rejects with goes to `failed` and no further. Else it would break
 * whatever calls the listener, or end the process.
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
