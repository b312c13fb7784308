import { type CurveKeyPair, isCurveKey, isCurveKeyPair } from '../../security/curve-keys.js';
import type { OptionReader } from './option-reader.js';

/** Source: RFC 32 of ZeroMQ, 32 bytes in Z85. */
const KEY = 'must be a key of 40 characters, as npx nestjs-freelance keygen prints it';

/** @throws FreelanceError `BAD_OPTIONS`, which never shows a secret key, whichever option that is in */
export function readKeyPair<Options extends CurveKeyPair>(
  read: OptionReader<Options>,
  { publicKey, secretKey }: CurveKeyPair,
): CurveKeyPair {
  if (!isCurveKey(publicKey)) throw read.secret('publicKey', KEY);
  if (!isCurveKey(secretKey)) throw read.secret('secretKey', KEY);
  if (!isCurveKeyPair({ publicKey, secretKey })) {
    throw read.secret('publicKey', 'must be the one that belongs to secretKey');
  }
  return { publicKey, secretKey };
}
