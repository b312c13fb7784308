/**
 * Why a message could not be read. The set is closed, so that each reason can be counted.
 *
 * - `no-delimiter`: its first frame is not the empty one that a REQ puts in front.
 * - `unknown-command`: its command is unknown, or the other side's own.
 * - `wrong-frame-count`: it has more or fewer frames than its command.
 * - `invalid-utf8`: its text is not UTF-8.
 * - `invalid-json`: a frame that should be JSON is not.
 * - `invalid-id`: its id, or its time, is too long.
 * - `invalid-hello`, `invalid-headers`: its hello or its headers have another shape, or are too long.
 * - `invalid-credit`: its credit is no positive whole number.
 * - `invalid-pack`: its PACK has another shape, or more in it than it may have.
 */
export type MalformedReason =
  | 'no-delimiter'
  | 'unknown-command'
  | 'wrong-frame-count'
  | 'invalid-utf8'
  | 'invalid-json'
  | 'invalid-id'
  | 'invalid-hello'
  | 'invalid-headers'
  | 'invalid-credit'
  | 'invalid-pack';

/** A message that this side cannot act on. It is counted and dropped; nothing is thrown. */
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
