/*
 * Sizes and nonces of CurveZMQ. A nonce has 24 bytes, and its prefix says what the box is for: a short nonce is 16 bytes of
 * prefix and a number of 8 bytes, a long one is 8 bytes of prefix and 16 random bytes. Source: RFC 26.
 */
export const KEY_BYTES = 32;
export const SHORT_NONCE_BYTES = 8;
export const LONG_NONCE_BYTES = 16;
export const COOKIE_BYTES = 96;
/** A box is this much longer than its content. */
export const MAC_BYTES = 16;

type Prefix =
  | 'CurveZMQHELLO---'
  | 'WELCOME-'
  | 'COOKIE--'
  | 'CurveZMQINITIATE'
  | 'VOUCH---'
  | 'CurveZMQREADY---';

/** @param rest 8 bytes after a prefix of 16, or 16 after a prefix of 8 */
export function nonceOf(prefix: Prefix, rest: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(prefix, 'latin1'), rest]);
}
