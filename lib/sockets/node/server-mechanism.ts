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

const COMMON = { socketType: 'ROUTER', routingId: Buffer.alloc(0) } as const;

/**
 * Makes a fresh one for each connection of a server.
 *
 * @param crypto for CURVE
 */
export function serverMechanisms(
  own: OwnCredentials | undefined,
  crypto: CurveCrypto | undefined,
): () => Mechanism {
  switch (own?.mechanism) {
    case undefined:
      return () => nullMechanism(COMMON);
    // TLS is below ZMTP, which then has no security of its own.
    case 'tls':
      return own.demands === 'nothing' ? () => nullMechanism(COMMON) : () => nullServer(COMMON);
    case 'plain':
      return () => plainServer(COMMON);
    case 'curve': {
      const [publicKey, secretKey] = [decodeZ85(own.publicKey), decodeZ85(own.secretKey)];
      if (!crypto || !publicKey || !secretKey) {
        throw new Error('the cryptography of CURVE is not loaded, or a key is not in Z85');
      }
      const cookies = new CookieJar(crypto, monotonicNow);
      return () => curveServer({ ...COMMON, publicKey, secretKey, cookies, crypto });
    }
  }
}
