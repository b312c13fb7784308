/** Why a message could not be read. The set is closed, so that each reason can be counted. */
export type MalformedReason =
  /** Its first frame is not the empty one that a REQ puts in front. */
  | 'no-delimiter'
  /** A command that this side does not take: unknown, or the other side's own. */
  | 'unknown-command'
  /** More or fewer frames than its command has. */
  | 'wrong-frame-count'
  /** Text that is not UTF-8. */
  | 'invalid-utf8'
  /** A frame that should be JSON, and is not. */
  | 'invalid-json'
  /** An id, or a time, that is longer than they may be. */
  | 'invalid-id'
  /** A hello of another shape, or longer than hellos may be. */
  | 'invalid-hello'
  /** Headers of another shape, or longer than headers may be. */
  | 'invalid-headers'
  /** A CREDIT that is no positive whole number. */
  | 'invalid-credit'
  /** A PACK of another shape, or with more in it than packs may have. */
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
