import type { CurveCrypto } from '../curve-crypto.js';
import type { Mechanism, SocketType } from '../mechanism.js';
import type { CookieJar } from './cookie-jar.js';

export interface CurveServerOptions {
  readonly socketType: SocketType;
  /** The server's long-term key pair, 32 bytes each. */
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  /** One for all connections of a server. */
  readonly cookies: CookieJar;
  readonly crypto: CurveCrypto;
}

export function curveServer(_options: CurveServerOptions): Mechanism {
  throw new Error('not there yet');
}
