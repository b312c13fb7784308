import { randomBytes } from 'node:crypto';
import type sodiumWrappers from 'libsodium-wrappers';
import type { CurveCrypto } from '../../zmtp/curve-crypto.js';

/** CURVE over the documented functions of libsodium-wrappers, in case it no longer exposes `RawSodium`. */
export function wrappedCrypto(sodium: typeof sodiumWrappers): CurveCrypto {
  const seal = (message: Uint8Array, nonce: Uint8Array, key: Uint8Array) =>
    asBuffer(sodium.crypto_secretbox_easy(message, nonce, key));
  const open = (box: Uint8Array, nonce: Uint8Array, key: Uint8Array) =>
    undefinedIfThrown(() => asBuffer(sodium.crypto_secretbox_open_easy(box, nonce, key)));
  return {
    publicKeyOf: (secretKey) => sodium.crypto_scalarmult_base(secretKey),
    sharedKey: (theirs, own) => undefinedIfThrown(() => sodium.crypto_box_beforenm(theirs, own)),
    seal,
    open,
    sealFrame: (head, first, rest, nonce, key) =>
      Buffer.concat([head, seal(Buffer.concat([Buffer.of(first), rest]), nonce, key)]),
    openFrame: (frame, headBytes, nonce, key) => {
      const content = open(frame.subarray(headBytes), nonce, key);
      return content && { first: content[0] ?? 0, rest: content.subarray(1) };
    },
    randomBytes: (length) => randomBytes(length),
    wipe: (secret) => secret.fill(0),
  };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The wrappers throw where the raw functions return -1. */
function undefinedIfThrown<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}
