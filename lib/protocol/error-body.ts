/**
 * What a failed handler's error looks like on the wire: the JSON of what Nest hands to a transport,
 * usually `{"status":"error","message":"…"}` or a string.
 */
export function encodeError(error: unknown): Buffer {
  try {
    // An Error's own members are not enumerable: JSON would show nothing of it.
    const shown = error instanceof Error ? nestError(error.message) : error;
    return Buffer.from(JSON.stringify(shown ?? nestError('Unknown error')));
  } catch {
    return Buffer.from(JSON.stringify(nestError('The error cannot be written as JSON')));
  }
}

/** The older dialects have no status: there an error is known by being an object that says so. */
export function encodeUntypedError(error: unknown): Buffer {
  return encodeError(typeof error === 'string' ? nestError(error) : error);
}

function nestError(message: string): { status: 'error'; message: string } {
  return { status: 'error', message };
}
