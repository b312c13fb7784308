import type { PeerCertificate, SecureContext, SecureContextOptions } from 'node:tls';

/** What a client needs for TLS. The context holds its secret key, which cannot be read out of it. */
export interface TlsClientCredentials {
  readonly mechanism: 'tls';
  readonly context: SecureContext;
  /** Its own certificate; undefined of a client that shows none. */
  readonly certificate: OwnCertificate | undefined;
  /** The name that the certificate of the server there must have; undefined for the host of its address. */
  readonly serverName: (endpoint: string) => string | undefined;
  /** The user's own check of it, instead of Node's. */
  readonly checkServerIdentity: ServerIdentityCheck | undefined;
}

/** What a server needs for it. */
export interface TlsServerCredentials {
  readonly mechanism: 'tls';
  /** Its key and certificates. A function, so that nothing that prints objects prints them. */
  readonly context: () => SecureContextOptions;
  /**
   * What its clients have to show: nothing; a certificate, whoever has issued it; or one of an authority that is in
   * the context.
   */
  readonly demands: 'nothing' | 'certificate' | 'trusted certificate';
}

/** What may be told of one's own certificate. */
export interface OwnCertificate {
  readonly fingerprint256: string;
  /** ISO 8601, in UTC. */
  readonly validFrom: string;
  readonly validTo: string;
}

/**
 * Whether a certificate is that of the server that was meant, as `tls.checkServerIdentity`.
 *
 * @param name the one that it must have
 * @param certificate as Node's `tlsSocket.getPeerCertificate()` has it. It is of an authority that the client trusts
 * @returns undefined if it is, else an error that says why not
 */
export type ServerIdentityCheck = (name: string, certificate: PeerCertificate) => Error | undefined;
