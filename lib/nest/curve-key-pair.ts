import { randomBytes } from 'node:crypto';
import { type CurveKeyPair, curveKeyPairOf } from '../security/curve-keys.js';

/** A new key pair for the option `security` of one client or server, as `npx nestjs-freelance keygen` prints it. */
export function generateCurveKeyPair(): CurveKeyPair {
  return curveKeyPairOf(randomBytes(32));
}
