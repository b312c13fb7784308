import { ZmtpError } from '../zmtp-error.js';

/** What came is not what the handshake of CURVE has at this point. */
export function malformed(what: string): ZmtpError {
  return new ZmtpError('malformed', `the handshake of CURVE is not followed: ${what}`);
}

export function ownedByNobody(): ZmtpError {
  return malformed('a public key that nobody owns (it is of low order)');
}

export function notCanonical(): ZmtpError {
  return malformed('a public key that is not written as keys are');
}
