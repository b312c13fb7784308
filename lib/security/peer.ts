import type { FreelanceCertificate } from './certificate.js';
import { type Credentials, nameOf } from './credentials.js';

/** Who has sent a call, as its connection was authenticated. */
export interface FreelancePeer {
  /**
   * The public key of CURVE that the client has proved to own. Undefined with PLAIN and TLS, and of a client that
   * does not say who it is (`allowAnonymous`).
   */
  readonly publicKey: string | undefined;
  /**
   * With PLAIN the username, with CURVE the public key, with TLS the fingerprint of its certificate. Undefined of one that
   * does not say who it is.
   */
  readonly userId: string | undefined;
  /**
   * The IP address of the caller. With the engine `libzmq` it is the one that this key, or this username, last connected from,
   * which is another client's if several share it. Empty over `ipc://`. Undefined of a client that does not say who it is.
   */
  readonly address: string | undefined;
  /**
   * With TLS, the certificate that the client has proved to own. Has the server the option `security.ca`, one of those
   * authorities has issued it; else all that it says but its fingerprint is its owner's word.
   */
  readonly certificate?: FreelanceCertificate | undefined;
}

/** A client that may connect, and does not say which of those it is that may. */
export const ANONYMOUS: FreelancePeer = Object.freeze({
  publicKey: undefined,
  userId: undefined,
  address: undefined,
});

/** @param credentials that were found to be good */
export function peerOf(credentials: Credentials, address: string): FreelancePeer {
  const userId = nameOf(credentials);
  const publicKey = credentials.mechanism === 'curve' ? userId : undefined;
  if (credentials.mechanism !== 'tls') return Object.freeze({ publicKey, userId, address });
  return Object.freeze({ publicKey, userId, address, certificate: credentials.certificate });
}
