import type { CurveCrypto } from '../curve-crypto.js';
import { encodeCommand } from '../command.js';
import { ZmtpError } from '../zmtp-error.js';
import {
  COOKIE_BYTES,
  KEY_BYTES,
  LONG_NONCE_BYTES,
  MAC_BYTES,
  nonceOf,
  SHORT_NONCE_BYTES,
} from './boxes.js';
import { malformed, notCanonical, ownedByNobody } from './malformed.js';
import { isCanonical } from './public-key.js';

const NONCE_AT = COOKIE_BYTES;
const BOX_AT = NONCE_AT + SHORT_NONCE_BYTES;

/** In the box: C, the vouch (a nonce, and a box that contains C' and S), and metadata. */
const VOUCH_AT = KEY_BYTES;
const VOUCH_BOX_AT = VOUCH_AT + LONG_NONCE_BYTES;
const METADATA_AT = VOUCH_BOX_AT + 2 * KEY_BYTES + MAC_BYTES;
const LEAST_BYTES = BOX_AT + METADATA_AT + MAC_BYTES;

export interface Vouching {
  /** C, and c */
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  /** C' */
  readonly transientKey: Uint8Array;
  /** S, and S' */
  readonly serverKey: Uint8Array;
  readonly serverTransientKey: Uint8Array;
}

/**
 * C and the vouch. By the vouch, the owner of c says that C' is its own key for this one server. Without S in it, a server
 * could pass for the client at other servers.
 */
export function encodeVouch(crypto: CurveCrypto, keys: Vouching): Buffer | ZmtpError {
  const key = crypto.sharedKey(keys.serverTransientKey, keys.secretKey);
  if (!key) return ownedByNobody();
  const nonce = crypto.randomBytes(LONG_NONCE_BYTES);
  const content = Buffer.concat([keys.transientKey, keys.serverKey]);
  const box = crypto.seal(content, nonceOf('VOUCH---', nonce), key);
  crypto.wipe(key);
  return Buffer.concat([keys.publicKey, nonce, box]);
}

/**
 * INITIATE returns the cookie, and shows C and the vouch to the owner of s'.
 *
 * @param content C, the vouch, and metadata
 * @param key the key that C' and S' share
 */
export function encodeInitiate(
  crypto: CurveCrypto,
  cookie: Buffer,
  nonce: Buffer,
  content: Buffer,
  key: Uint8Array,
): Buffer {
  const box = crypto.seal(content, nonceOf('CurveZMQINITIATE', nonce), key);
  return encodeCommand('INITIATE', Buffer.concat([cookie, nonce, box]));
}

/** The parts of an INITIATE that are not encrypted, or not by the client. */
export interface InitiateParts {
  readonly cookie: Buffer;
  readonly nonce: Buffer;
  readonly box: Buffer;
}

/** @param data of the command, after its name */
export function splitInitiate(data: Buffer): InitiateParts | ZmtpError {
  if (data.length < LEAST_BYTES) return malformed(`an INITIATE with ${data.length} bytes of data`);
  return {
    cookie: data.subarray(0, NONCE_AT),
    nonce: data.subarray(NONCE_AT, BOX_AT),
    box: data.subarray(BOX_AT),
  };
}

export interface Initiate {
  /** C; the peer owns it. */
  readonly clientKey: Buffer;
  readonly metadata: Buffer;
}

export interface InitiateKeys {
  /** C' */
  readonly clientTransientKey: Buffer;
  /** S */
  readonly serverKey: Uint8Array;
  /** s' */
  readonly transientSecretKey: Uint8Array;
  /** The key that C' and S' share. */
  readonly key: Uint8Array;
}

export function openInitiate(
  crypto: CurveCrypto,
  { nonce, box }: InitiateParts,
  keys: InitiateKeys,
): Initiate | ZmtpError {
  const content = crypto.open(box, nonceOf('CurveZMQINITIATE', nonce), keys.key);
  if (!content)
    return new ZmtpError('forged', 'INITIATE cannot be decrypted: it was changed on its way');
  const clientKey = content.subarray(0, KEY_BYTES);
  if (!isCanonical(clientKey)) return notCanonical();
  const vouch = content.subarray(VOUCH_AT, METADATA_AT);
  return (
    checkVouch(crypto, clientKey, vouch, keys) ?? {
      clientKey,
      metadata: content.subarray(METADATA_AT),
    }
  );
}

function checkVouch(
  crypto: CurveCrypto,
  clientKey: Buffer,
  vouch: Buffer,
  { clientTransientKey, serverKey, transientSecretKey }: InitiateKeys,
): ZmtpError | undefined {
  const key = crypto.sharedKey(clientKey, transientSecretKey);
  if (!key) return ownedByNobody();
  const nonce = nonceOf('VOUCH---', vouch.subarray(0, LONG_NONCE_BYTES));
  const vouched = crypto.open(vouch.subarray(LONG_NONCE_BYTES), nonce, key);
  crypto.wipe(key);
  if (!vouched) {
    return new ZmtpError(
      'forged',
      'the vouch cannot be decrypted: the client does not own the key that it shows',
    );
  }
  if (!vouched.equals(Buffer.concat([clientTransientKey, serverKey]))) {
    return new ZmtpError('forged', 'the vouch is for another connection, or for another server');
  }
  return undefined;
}
