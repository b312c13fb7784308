/* Nest's own messages, which its packages do not export. */

export const NO_MESSAGE_HANDLER =
  'There is no matching message handler defined in the remote service.';

/** @param pattern a peer's: to be escaped before */
export const noEventHandler = (pattern: string): string =>
  `There is no matching event handler defined in the remote service. Event pattern: ${pattern}`;

/** What a caller gets for an error whose details go to the log alone. */
export const INTERNAL_ERROR = { status: 'error', message: 'Internal server error' };
