import type { CurveCrypto } from '../../zmtp/curve-crypto.js';

/** libsodium, loaded when CURVE is first asked for. */
export async function sodiumCrypto(): Promise<CurveCrypto> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  return {
    keyPair() {
      const { publicKey, privateKey } = sodium.crypto_box_keypair();
      return { publicKey, secretKey: privateKey };
    },
    sharedKey: (theirs, own) => whereNoneIsThrown(() => sodium.crypto_box_beforenm(theirs, own)),
    seal: (message, nonce, key) => sodium.crypto_secretbox_easy(message, nonce, key),
    open: (box, nonce, key) =>
      whereNoneIsThrown(() => sodium.crypto_secretbox_open_easy(box, nonce, key)),
    randomBytes: (length) => sodium.randombytes_buf(length),
    wipe: (secret) => secret.fill(0),
  };
}

function whereNoneIsThrown<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}
