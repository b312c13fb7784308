/** Why a message could not be read. The set is closed, so that each reason can be counted. */
export type MalformedReason =
  | 'no delimiter'
  | 'unknown command'
  | 'wrong number of frames'
  | 'invalid UTF-8'
  | 'invalid JSON'
  | 'invalid id'
  | 'invalid hello'
  | 'invalid headers'
  | 'invalid credit'
  | 'invalid pack';

/** A message that says nothing we can act on: it is counted and dropped, never thrown. */
export interface Malformed {
  type: 'malformed';
  reason: MalformedReason;
}

export function malformed(reason: MalformedReason): Malformed {
  return { type: 'malformed', reason };
}

export function isMalformed(decoded: object): decoded is Malformed {
  return 'type' in decoded && decoded.type === 'malformed';
}
