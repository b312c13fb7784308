/*
 * The sizes of CurveZMQ, and its nonces: 24 bytes, of which a prefix says what the box is for. A short nonce is a number of 8
 * bytes behind 16 bytes of prefix, a long one 16 random bytes behind 8. Source: RFC 26.
 */
export const KEY_BYTES = 32;
export const SHORT_NONCE_BYTES = 8;
export const LONG_NONCE_BYTES = 16;
export const COOKIE_BYTES = 96;
/** What a box is longer than what is in it. */
export const MAC_BYTES = 16;

type Prefix =
  | 'CurveZMQHELLO---'
  | 'WELCOME-'
  | 'COOKIE--'
  | 'CurveZMQINITIATE'
  | 'VOUCH---'
  | 'CurveZMQREADY---';

/** @param rest 8 bytes behind a prefix of 16, or 16 behind a prefix of 8 */
export function nonceOf(prefix: Prefix, rest: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(prefix, 'latin1'), rest]);
}
