import type { CurveCrypto } from '../curve-crypto.js';
import { KEY_BYTES } from './boxes.js';

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** For one connection: each gets its own, so that nobody can read later what was recorded today. */
export function freshKeyPair(crypto: CurveCrypto): KeyPair {
  const secretKey = crypto.randomBytes(KEY_BYTES);
  return { publicKey: crypto.publicKeyOf(secretKey), secretKey };
}
