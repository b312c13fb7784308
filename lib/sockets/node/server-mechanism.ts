import { monotonicNow } from '../../node-timers.js';
import type { OwnCredentials } from '../../security/doorkeeper.js';
import { decodeZ85 } from '../../security/z85.js';
import type { CurveCrypto } from '../../zmtp/curve-crypto.js';
import { CookieJar } from '../../zmtp/curve/cookie-jar.js';
import { curveServer } from '../../zmtp/curve/curve-server.js';
import type { Mechanism } from '../../zmtp/mechanism.js';
import { nullMechanism } from '../../zmtp/null-mechanism.js';
import { nullServer } from '../../zmtp/null-server.js';
import { plainServer } from '../../zmtp/plain-server.js';

/**
 * Makes a mechanism for each connection of a server.
 *
 * @param crypto for CURVE
 * @param routingId of the server; empty for none
 */
export function serverMechanisms(
  own: OwnCredentials | undefined,
  crypto: CurveCrypto | undefined,
  routingId: string,
): () => Mechanism {
  const common = { socketType: 'ROUTER', routingId: Buffer.from(routingId) } as const;
  switch (own?.mechanism) {
    case undefined:
      return () => nullMechanism(common);
    // TLS is below ZMTP, which then needs no security of its own.
    case 'tls':
      return own.demands === 'nothing' ? () => nullMechanism(common) : () => nullServer(common);
    case 'plain':
      return () => plainServer(common);
    case 'curve': {
      const [publicKey, secretKey] = [decodeZ85(own.publicKey), decodeZ85(own.secretKey)];
      if (!crypto || !publicKey || !secretKey) {
        throw new Error('the cryptography of CURVE is not loaded, or a key is not in Z85');
      }
      const cookies = new CookieJar(crypto, monotonicNow);
      return () => curveServer({ ...common, publicKey, secretKey, cookies, crypto });
    }
  }
}
