import type { CurveCrypto } from '../curve-crypto.js';
import { encodeCommand } from '../command.js';
import { ZmtpError } from '../zmtp-error.js';
import { MAC_BYTES, nonceOf, SHORT_NONCE_BYTES } from './boxes.js';
import { malformed } from './malformed.js';

const BOX_AT = SHORT_NONCE_BYTES;
const LEAST_BYTES = BOX_AT + MAC_BYTES;

/** @param key the key that C' and S' share */
export function encodeReady(
  crypto: CurveCrypto,
  nonce: Buffer,
  metadata: Buffer,
  key: Uint8Array,
): Buffer {
  const box = crypto.seal(metadata, nonceOf('CurveZMQREADY---', nonce), key);
  return encodeCommand('READY', Buffer.concat([nonce, box]));
}

export interface Ready {
  readonly nonce: Buffer;
  readonly metadata: Buffer;
}

/** @param data of the command, after its name */
export function openReady(crypto: CurveCrypto, data: Buffer, key: Uint8Array): Ready | ZmtpError {
  if (data.length < LEAST_BYTES) return malformed(`a READY with ${data.length} bytes of data`);
  const nonce = data.subarray(0, BOX_AT);
  const metadata = crypto.open(data.subarray(BOX_AT), nonceOf('CurveZMQREADY---', nonce), key);
  if (!metadata)
    return new ZmtpError('forged', 'READY cannot be decrypted: it was changed on its way');
  return { nonce, metadata };
}
