import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { decodeZ85, encodeZ85 } from './z85.js';

/** A key pair of CURVE, each key as 40 characters of Z85. */
export interface CurveKeyPair {
  /** Says who somebody is. Everybody may know it. */
  publicKey: string;
  /** Proves it. Nobody else may know it. */
  secretKey: string;
}

/** A key of Curve25519, in bytes. */
const KEY_BYTES = 32;

/** The prefixes that turn the bytes of a key into DER. Source: RFC 8410. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

/** @param secret 32 random bytes */
export function curveKeyPairOf(secret: Buffer): CurveKeyPair {
  const publicKey = createPublicKey(privateKey(secret))
    .export({ format: 'der', type: 'spki' })
    .subarray(SPKI.length);
  return { publicKey: encodeZ85(publicKey), secretKey: encodeZ85(secret) };
}

/**
 * The canonical form of a public key. Curve25519 ignores the highest bit (RFC 7748, section 5), so each key has two forms: a
 * revoked client could otherwise come back with the other one.
 */
export function publicKeyOf(bytes: Buffer): string {
  const canonical = Buffer.from(bytes);
  canonical[KEY_BYTES - 1] = (canonical[KEY_BYTES - 1] ?? 0) & 0x7f;
  return encodeZ85(canonical);
}

/** The same for a key in Z85. A text that is no key is returned as it is. */
export function canonicalKey(text: string): string {
  const bytes = bytesOf(text);
  return bytes ? publicKeyOf(bytes) : text;
}

export function isCurveKey(text: unknown): text is string {
  return typeof text === 'string' && bytesOf(text) !== undefined;
}

/** Whether the two keys are a pair. */
export function isCurveKeyPair({ publicKey, secretKey }: CurveKeyPair): boolean {
  const secret = bytesOf(secretKey);
  return secret !== undefined && curveKeyPairOf(secret).publicKey === publicKey;
}

/**
 * The Diffie-Hellman secret of X25519, which only the owners of the two keys can compute. Undefined for a public key of low order,
 * which nobody owns (RFC 7748, section 6.1).
 */
export function sharedSecret(secretKey: string, publicKey: string): Buffer | undefined {
  const [own, other] = [bytesOf(secretKey), bytesOf(publicKey)];
  if (!own || !other) return undefined;
  const key = createPublicKey({
    key: Buffer.concat([SPKI, other]),
    format: 'der',
    type: 'spki',
  });
  try {
    return diffieHellman({ privateKey: privateKey(own), publicKey: key });
  } catch {
    return undefined;
  }
}

function privateKey(secret: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' });
}

function bytesOf(key: string): Buffer | undefined {
  const bytes = decodeZ85(key);
  return bytes?.length === KEY_BYTES ? bytes : undefined;
}
