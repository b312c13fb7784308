/** The 24 bytes of a nonce: a prefix that says what it is for, and 16 random bytes. Source: RFC 26. */
export function longNonce(
  prefix: 'WELCOME-' | 'COOKIE--' | 'VOUCH---',
  random: Uint8Array,
): Buffer {
  const nonce = Buffer.alloc(24);
  nonce.write(prefix, 'latin1');
  nonce.set(random, 8);
  return nonce;
}

/** The same of a short nonce: 16 bytes of prefix, and 8 of a number that rises. */
export function shortNonce(
  prefix: 'CurveZMQHELLO---' | 'CurveZMQINITIATE' | 'CurveZMQREADY---',
  number: Uint8Array,
): Buffer {
  const nonce = Buffer.alloc(24);
  nonce.write(prefix, 'latin1');
  nonce.set(number, 16);
  return nonce;
}
