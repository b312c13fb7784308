import { type CurveKeyPair, isCurveKey, isCurveKeyPair } from '../../security/curve-keys.js';
import type { OptionReader } from './option-reader.js';
import { kindOf } from './shown.js';

/** Source: RFC 32 of ZeroMQ, 32 bytes in Z85. */
const KEY = 'must be a key of 40 characters, as npx nestjs-freelance keygen prints it';

/** @throws FreelanceError `BAD_OPTIONS`, which never shows a secret key, even in the wrong option */
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

/** Describes what is not a key without showing it, as it may be a secret. An unset environment variable is often an empty string. */
export function outlineOf(noKey: unknown): string {
  if (typeof noKey !== 'string') return kindOf(noKey);
  if (noKey === '') return 'an empty string';
  return `a string of ${noKey.length} characters${noKey.length === 40 ? ' that are not Z85' : ''}`;
}
