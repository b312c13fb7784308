/** Why a connection cannot go on. */
export type ZmtpErrorCode =
  /** The first bytes are no greeting: another protocol, which `message` names if it is known. */
  | 'not-zmtp'
  /** The peer speaks a version before 3.0. */
  | 'old-version'
  /** The peer has another mechanism than this side. */
  | 'mechanism-mismatch'
  /** Both sides are servers, or both are clients, of the mechanism. */
  | 'role-mismatch'
  /** The peer's socket type cannot talk to this one. */
  | 'socket-type'
  /** A client was refused: by the verdict, or the peer has said so with an ERROR. */
  | 'refused'
  /** Whether a client is admitted could not be told: by the verdict, or the peer has said so with an ERROR. */
  | 'undecided'
  /** The peer ended the handshake with an ERROR for another reason. */
  | 'peer-error'
  /** What came makes no sense: a frame, a command, a handshake, an encrypted message. */
  | 'malformed'
  /** A frame, a message, a handshake or its metadata is larger than this side takes. */
  | 'too-large'
  /** What is encrypted is not what the peer sealed for this side, or not in its order. */
  | 'forged'
  /** This side has encrypted as many frames as it may with one key. */
  | 'exhausted';

export class ZmtpError extends Error {
  readonly code: ZmtpErrorCode;

  constructor(code: ZmtpErrorCode, message: string) {
    super(message);
    this.name = 'ZmtpError';
    this.code = code;
  }
}

export function isZmtpError(value: unknown): value is ZmtpError {
  return value instanceof ZmtpError;
}

export function invalidFlags(flags: number): ZmtpError {
  return new ZmtpError('malformed', `a frame with the flags 0x${flags.toString(16)}`);
}
