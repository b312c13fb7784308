import { type Credentials, nameOf } from './credentials.js';

/** Who has sent a call, as its connection was authenticated. */
export interface FreelancePeer {
  /**
   * The public key of CURVE that the client has proved to own. Undefined with PLAIN, and of a client that
   * does not say who it is (`allowAnonymous`).
   */
  readonly publicKey: string | undefined;
  /** With PLAIN the username, with CURVE the public key. Undefined of one that does not say who it is. */
  readonly userId: string | undefined;
  /**
   * The IP address that this key, or this username, last connected from: that of the caller, unless several
   * clients share a key. Empty over `ipc://`. Undefined of a client that does not say who it is.
   */
  readonly address: string | undefined;
}

/** A client that may connect, and does not say which of those it is that may. */
export const ANONYMOUS: FreelancePeer = Object.freeze({
  publicKey: undefined,
  userId: undefined,
  address: undefined,
});

/** @param credentials that were found to be good */
export function peerOf(credentials: Credentials, address: string): FreelancePeer {
  const name = nameOf(credentials);
  const publicKey = credentials.mechanism === 'curve' ? name : undefined;
  return Object.freeze({ publicKey, userId: name, address });
}
