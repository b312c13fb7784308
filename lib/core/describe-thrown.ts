import { isError } from '../is-error.js';

/** What the user's code has thrown, in words: any value, and one that throws when it is read. */
export function describeThrown(error: unknown): string {
  try {
    if (!isError(error)) return String(error);
    // The message may be anything.
    const { message, cause }: { message: unknown; cause?: unknown } = error;
    return isError(cause) ? `${String(message)} (${cause.message})` : String(message);
  } catch {
    return 'it has thrown what cannot be shown';
  }
}
