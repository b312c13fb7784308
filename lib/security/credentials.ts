import { canonicalFingerprint, type FreelanceCertificate } from './certificate.js';
import { canonicalKey } from './curve-keys.js';

/** What a client presents in the handshake. */
export type Credentials =
  | { readonly mechanism: 'curve'; readonly publicKey: string }
  | { readonly mechanism: 'plain'; readonly username: string; readonly password: string }
  /** The client has proved to own it; if the server has authorities, one of them has issued it. */
  | { readonly mechanism: 'tls'; readonly certificate: FreelanceCertificate };

/** `failed`: undecided for now; the client may try again. */
export type Verdict = 'admitted' | 'refused' | 'failed';

/** The name that the client claims: not authenticated before the credentials were checked. */
export function nameOf(credentials: Credentials): string {
  switch (credentials.mechanism) {
    case 'curve':
      return credentials.publicKey;
    case 'plain':
      return credentials.username;
    case 'tls':
      return credentials.certificate.fingerprint256;
  }
}

/** A name given by the user, in the form of `nameOf`: keys and fingerprints can be written in several ways. */
export function canonicalName(mechanism: Credentials['mechanism'], name: string): string {
  switch (mechanism) {
    case 'curve':
      return canonicalKey(name);
    case 'plain':
      return name;
    case 'tls':
      return canonicalFingerprint(name);
  }
}
