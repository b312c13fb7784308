import { KEY_BYTES } from './boxes.js';

/**
 * Whether a public key is in canonical form: a little-endian number below 2^255 - 19. X25519 accepts and reduces others
 * (RFC 7748, section 5), so one key would have two forms, and a client revoked in one form could connect in the other.
 * Software that generates keys produces only canonical ones.
 */
export function isCanonical(key: Uint8Array): boolean {
  if (key.length !== KEY_BYTES) return false;
  const [lowest = 0, highest = 0] = [key[0], key[KEY_BYTES - 1]];
  if (highest < 0x7f) return true;
  return (
    highest === 0x7f && !(lowest >= 0xed && key.subarray(1, -1).every((byte) => byte === 0xff))
  );
}
