import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

/**
 * Neither session resumption nor renegotiation. A resumed session presents a certificate that was checked earlier, not now, and
 * a second handshake in a connection (TLS 1.2) could present another one. Connections live for days, so little is lost.
 */
const ONE_FULL_HANDSHAKE = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;

/** The options of both sides. Node treats an option that is `undefined` differently from one that is missing. */
export function contextOptions(given: SecureContextOptions): SecureContextOptions {
  const defined = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(defined), secureOptions: ONE_FULL_HANDSHAKE };
}
