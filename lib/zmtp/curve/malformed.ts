import { ZmtpError } from '../zmtp-error.js';

/** The error for input that the CURVE handshake does not allow at this point. */
export function malformed(what: string): ZmtpError {
  return new ZmtpError('malformed', `the CURVE handshake is violated: ${what}`);
}

export function ownedByNobody(): ZmtpError {
  return malformed('a public key of low order, which has no owner');
}

export function notCanonical(): ZmtpError {
  return malformed('a public key that is not in canonical form');
}
