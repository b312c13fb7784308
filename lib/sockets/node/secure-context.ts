import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';

/** Keys, certificates and lists in PEM, checked. */
export interface SecureContextOptions {
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly passphrase?: string | undefined;
  readonly ca?: (string | Buffer)[] | undefined;
  readonly crl?: (string | Buffer)[] | undefined;
  readonly minVersion: SecureVersion;
  readonly ciphers?: string | undefined;
}

/**
 * Each connection proves anew whose it is. A session that is resumed shows a certificate that was checked then, not now, and
 * a second handshake in a connection (TLS 1.2) could show another one. Connections live for days: there is little to gain.
 */
const ONE_FULL_HANDSHAKE = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;

/** @throws Error of OpenSSL's */
export function secureContext(options: SecureContextOptions): SecureContext {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return createSecureContext({
    ...Object.fromEntries(given),
    secureOptions: ONE_FULL_HANDSHAKE,
  });
}
