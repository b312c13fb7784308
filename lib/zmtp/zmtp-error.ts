/** Why a connection has to end. */
export type ZmtpErrorCode =
  /** The first bytes are not a greeting but another protocol, which `message` names if it is known. */
  | 'not-zmtp'
  /** The peer speaks a version before 3.0. */
  | 'old-version'
  /** The peer uses another mechanism. */
  | 'mechanism-mismatch'
  /** Both sides are servers, or both are clients, of the mechanism. */
  | 'role-mismatch'
  /** The peer's socket type cannot talk to this one. */
  | 'socket-type'
  /** The client was refused: by the verdict, or by the peer's ERROR. */
  | 'refused'
  /** Whether the client may connect could not be decided: by the verdict, or by the peer's ERROR. */
  | 'undecided'
  /** The peer ended the handshake by an ERROR for another reason. */
  | 'peer-error'
  /** A frame, a command, a handshake or an encrypted message is invalid. */
  | 'malformed'
  /** A frame, a message, a handshake or its metadata exceeds the bounds of this side. */
  | 'too-large'
  /** An encrypted frame was changed, repeated, reordered or dropped, or is not for this side. */
  | 'forged'
  /** This side has encrypted as many frames as one key allows. */
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
