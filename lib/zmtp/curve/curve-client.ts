import type { CurveCrypto } from '../curve-crypto.js';
import type { Mechanism, SocketType } from '../mechanism.js';

export interface CurveClientOptions {
  readonly socketType: SocketType;
  /** At most 255 bytes. */
  readonly routingId: Buffer;
  /** The client's long-term key pair, 32 bytes each. */
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  /** The server's long-term public key, 32 bytes. */
  readonly serverKey: Uint8Array;
  readonly crypto: CurveCrypto;
}

export function curveClient(_options: CurveClientOptions): Mechanism {
  throw new Error('not there yet');
}
