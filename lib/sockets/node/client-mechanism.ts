import type { ConnectionCredentials } from '../../security/client-credentials.js';
import { decodeZ85 } from '../../security/z85.js';
import type { CurveCrypto } from '../../zmtp/curve-crypto.js';
import { curveClient } from '../../zmtp/curve/curve-client.js';
import type { Mechanism } from '../../zmtp/mechanism.js';
import { nullMechanism } from '../../zmtp/null-mechanism.js';
import { plainClient } from '../../zmtp/plain-client.js';

const NO_ROUTING_ID = Buffer.alloc(0);

/**
 * The mechanism of one connection. The sealed routing id goes to every server: the client cannot know whether the server has
 * the engine that needs it.
 *
 * @param crypto for CURVE
 * @throws if a key is invalid or a password is too long
 */
export function clientMechanism(
  credentials: ConnectionCredentials | undefined,
  crypto: CurveCrypto | undefined,
): Mechanism {
  const socketType = 'DEALER';
  // TLS is below ZMTP, which then needs no security of its own.
  if (!credentials || credentials.mechanism === 'tls') {
    return nullMechanism({ socketType, routingId: NO_ROUTING_ID });
  }
  const routingId = Buffer.from(credentials.routingId);
  if (credentials.mechanism === 'plain') {
    const { username, password } = credentials;
    return plainClient({ socketType, routingId, username, password });
  }
  if (!crypto) throw new Error('the cryptography of CURVE is not loaded');
  return curveClient({
    socketType,
    routingId,
    publicKey: keyOf(credentials.publicKey),
    secretKey: keyOf(credentials.secretKey),
    serverKey: keyOf(credentials.serverKey),
    crypto,
  });
}

function keyOf(text: string): Buffer {
  const bytes = decodeZ85(text);
  if (!bytes) throw new Error('a key of CURVE is not in Z85');
  return bytes;
}
