import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

/**
 * Each connection proves anew whose it is. A session that is resumed shows a certificate that was checked then, not now, and
 * a second handshake in a connection (TLS 1.2) could show another one. Connections live for days: there is little to gain.
 */
const ONE_FULL_HANDSHAKE = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;

/** What both sides have in common. Node's own functions tell what is `undefined` from what is not there. */
export function contextOptions(given: SecureContextOptions): SecureContextOptions {
  const defined = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(defined), secureOptions: ONE_FULL_HANDSHAKE };
}
