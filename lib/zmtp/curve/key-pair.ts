import type { CurveCrypto } from '../curve-crypto.js';
import { KEY_BYTES } from './boxes.js';

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A key pair for one connection, so that a recorded connection cannot be read later (forward secrecy). */
export function freshKeyPair(crypto: CurveCrypto): KeyPair {
  const secretKey = crypto.randomBytes(KEY_BYTES);
  return { publicKey: crypto.publicKeyOf(secretKey), secretKey };
}
