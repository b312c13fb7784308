import type { CurveCrypto } from '../curve-crypto.js';
import { encodeCommand } from '../command.js';
import { ZmtpError } from '../zmtp-error.js';
import { COOKIE_BYTES, KEY_BYTES, LONG_NONCE_BYTES, MAC_BYTES, nonceOf } from './boxes.js';
import { malformed, notCanonical } from './malformed.js';
import { isCanonical } from './public-key.js';

const BOX_AT = LONG_NONCE_BYTES;
const WELCOME_BYTES = BOX_AT + KEY_BYTES + COOKIE_BYTES + MAC_BYTES;

/**
 * WELCOME shows S' to the owner of c' and hands it the cookie. Decrypting it proves who the server is.
 *
 * @param key the key that C' and S share
 */
export function encodeWelcome(
  crypto: CurveCrypto,
  serverKey: Uint8Array,
  cookie: Buffer,
  key: Uint8Array,
): Buffer {
  const nonce = crypto.randomBytes(LONG_NONCE_BYTES);
  const box = crypto.seal(Buffer.concat([serverKey, cookie]), nonceOf('WELCOME-', nonce), key);
  return encodeCommand('WELCOME', Buffer.concat([nonce, box]));
}

export interface Welcome {
  /** S' */
  readonly serverKey: Buffer;
  readonly cookie: Buffer;
}

/** @param data of the command, after its name */
export function openWelcome(
  crypto: CurveCrypto,
  data: Buffer,
  key: Uint8Array,
): Welcome | ZmtpError {
  if (data.length !== WELCOME_BYTES)
    return malformed(`a WELCOME with ${data.length} bytes of data`);
  const nonce = nonceOf('WELCOME-', data.subarray(0, BOX_AT));
  const content = crypto.open(data.subarray(BOX_AT), nonce, key);
  if (!content) {
    return new ZmtpError(
      'forged',
      'WELCOME cannot be decrypted: its sender does not own the server key, or it was changed on its way',
    );
  }
  const serverKey = content.subarray(0, KEY_BYTES);
  if (!isCanonical(serverKey)) return notCanonical();
  return { serverKey, cookie: content.subarray(KEY_BYTES) };
}
