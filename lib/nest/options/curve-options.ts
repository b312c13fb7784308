import { type CurveKeyPair, isCurveKey, isCurveKeyPair } from '../../security/curve-keys.js';
import type { OptionReader } from './option-reader.js';
import { kindOf } from './shown.js';

/** Source: RFC 32 of ZeroMQ, 32 bytes in Z85. */
const KEY = 'must be a key of 40 characters, as npx nestjs-freelance keygen prints it';

/** @throws FreelanceError `BAD_OPTIONS`, which never shows a secret key, whichever option that is in */
export function readKeyPair<Options extends CurveKeyPair>(
  read: OptionReader<Options>,
  { publicKey, secretKey }: CurveKeyPair,
): CurveKeyPair {
  if (!isCurveKey(publicKey))
    throw read.secret('publicKey', `${KEY}, but is ${outlineOf(publicKey)}`);
  if (!isCurveKey(secretKey))
    throw read.secret('secretKey', `${KEY}, but is ${outlineOf(secretKey)}`);
  if (!isCurveKeyPair({ publicKey, secretKey })) {
    throw read.secret('publicKey', 'must be the one that belongs to secretKey');
  }
  return { publicKey, secretKey };
}

/** What is no key, without a character of it, which may be a secret: an environment variable that is not set is empty. */
export function outlineOf(noKey: unknown): string {
  if (typeof noKey !== 'string') return kindOf(noKey);
  if (noKey === '') return 'an empty string';
  return `a string of ${noKey.length} characters${noKey.length === 40 ? ' that is no Z85' : ''}`;
}
