/** Nest's own words, which its packages do not export. */
export const NO_MESSAGE_HANDLER =
  'There is no matching message handler defined in the remote service.';

/** @param pattern escaped: it is a peer's */
export const noEventHandler = (pattern: string): string =>
  `There is no matching event handler defined in the remote service. Event pattern: ${pattern}`;

/** For what the caller need not know; the log tells it. */
export const INTERNAL_ERROR = { status: 'error', message: 'Internal server error' };
