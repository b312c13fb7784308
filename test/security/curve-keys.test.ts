import { expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';
import {
  curveKeyPairOf,
  isCurveKey,
  isCurveKeyPair,
  sharedSecret,
} from '../../lib/security/curve-keys.js';
import { encodeZ85 } from '../../lib/security/z85.js';

test('the example of RFC 7748', () => {
  const z85 = (hex: string) => encodeZ85(Buffer.from(hex, 'hex'));
  const alice = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';
  const bob = '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb';
  const pairs = [alice, bob].map((hex) => curveKeyPairOf(Buffer.from(hex, 'hex')));
  expect(pairs.map(({ publicKey }) => publicKey)).toEqual([
    z85('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'),
    z85('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'),
  ]);
  const secret = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
  const [hers, his] = pairs;
  expect(sharedSecret(hers?.secretKey ?? '', his?.publicKey ?? '')?.toString('hex')).toBe(secret);
  expect(sharedSecret(his?.secretKey ?? '', hers?.publicKey ?? '')?.toString('hex')).toBe(secret);
});

test('key pairs made by ZeroMQ are accepted', () => {
  const [one, other] = [curveKeyPair(), curveKeyPair()];
  expect(isCurveKeyPair(one)).toBe(true);
  expect(isCurveKeyPair({ ...one, publicKey: other.publicKey })).toBe(false);
  expect(isCurveKeyPair({ publicKey: one.secretKey, secretKey: one.publicKey })).toBe(false);
  expect(sharedSecret(one.secretKey, other.publicKey)).toEqual(
    sharedSecret(other.secretKey, one.publicKey),
  );
});

test.each([undefined, 17, '', 'x'.repeat(39), 'x'.repeat(45), `${'x'.repeat(39)}~`])(
  '%j is no key',
  (key) => {
    expect(isCurveKey(key)).toBe(false);
  },
);

test('a public key of low order gives no secret, which everybody would know', () => {
  const ofOrderOne = encodeZ85(Buffer.alloc(32));
  expect(isCurveKey(ofOrderOne)).toBe(true);
  expect(sharedSecret(curveKeyPair().secretKey, ofOrderOne)).toBeUndefined();
});
