import type { CurveCrypto } from '../curve-crypto.js';
import { encodeCommand } from '../command.js';
import { ZmtpError } from '../zmtp-error.js';
import { KEY_BYTES, MAC_BYTES, nonceOf, SHORT_NONCE_BYTES } from './boxes.js';
import { malformed, notCanonical, ownedByNobody } from './malformed.js';
import { isCanonical } from './public-key.js';

/** CurveZMQ 1.0. */
const VERSION = Buffer.from([1, 0]);
/**
 * Makes HELLO as long as its answer, so that the server amplifies nothing. The text of RFC 26 says 70 bytes; its grammar, the
 * total of 200, and all implementations have 72.
 */
const PADDING = Buffer.alloc(72);
const SIGNED = Buffer.alloc(64);

/** Offsets of the fields after the name. */
const PADDING_AT = VERSION.length;
const KEY_AT = PADDING_AT + PADDING.length;
const NONCE_AT = KEY_AT + KEY_BYTES;
const BOX_AT = NONCE_AT + SHORT_NONCE_BYTES;
const HELLO_BYTES = BOX_AT + SIGNED.length + MAC_BYTES;

/**
 * HELLO shows C' and proves that its sender has c' and knows S.
 *
 * @param key the key that C' and S share
 */
export function encodeHello(
  crypto: CurveCrypto,
  clientKey: Uint8Array,
  nonce: Buffer,
  key: Uint8Array,
): Buffer {
  const box = crypto.seal(SIGNED, nonceOf('CurveZMQHELLO---', nonce), key);
  return encodeCommand('HELLO', Buffer.concat([VERSION, PADDING, clientKey, nonce, box]));
}

export interface Hello {
  /** C' */
  readonly clientKey: Buffer;
  readonly nonce: Buffer;
  /** The key that C' and S share, for WELCOME. The caller wipes it. */
  readonly key: Uint8Array;
}

/**
 * @param data of the command, after its name
 * @param secretKey s
 */
export function openHello(
  crypto: CurveCrypto,
  data: Buffer,
  secretKey: Uint8Array,
): Hello | ZmtpError {
  if (data.length !== HELLO_BYTES) return malformed(`a HELLO with ${data.length} bytes of data`);
  const version = data.subarray(0, PADDING_AT);
  if (!version.equals(VERSION)) return malformed(`version ${version.join('.')} instead of 1.0`);
  const padding = data.subarray(PADDING_AT, KEY_AT);
  if (!padding.equals(PADDING)) return malformed('the padding of HELLO is not zero');

  const clientKey = Buffer.from(data.subarray(KEY_AT, NONCE_AT));
  if (!isCanonical(clientKey)) return notCanonical();
  const key = crypto.sharedKey(clientKey, secretKey);
  if (!key) return ownedByNobody();
  const nonce = Buffer.from(data.subarray(NONCE_AT, BOX_AT));
  const signed = crypto.open(data.subarray(BOX_AT), nonceOf('CurveZMQHELLO---', nonce), key);
  if (signed?.equals(SIGNED)) return { clientKey, nonce, key };
  crypto.wipe(key);
  return new ZmtpError(
    'forged',
    'HELLO cannot be decrypted: the client has another key for this server, or it was changed on its way',
  );
}
