import { KEY_BYTES } from './boxes.js';

/**
 * Whether this is how everybody writes a public key: a number below 2^255 - 19, in little-endian order. X25519 takes others
 * too, and reduces them (RFC 7748, section 5), so that one key could be shown in two ways: who was revoked by one of them
 * would come by the other. Software that makes keys makes none of these.
 */
export function isCanonical(key: Uint8Array): boolean {
  if (key.length !== KEY_BYTES) return false;
  const [lowest = 0, highest = 0] = [key[0], key[KEY_BYTES - 1]];
  if (highest < 0x7f) return true;
  return (
    highest === 0x7f && !(lowest >= 0xed && key.subarray(1, -1).every((byte) => byte === 0xff))
  );
}
