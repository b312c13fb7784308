import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isGenuine,
  LONGEST_NAME_BYTES,
  NONCE_BYTES,
  readSeal,
  seal,
  secretOf,
} from '../../lib/security/seal.js';

const secret = secretOf('the secret of two');
const nonce = Buffer.alloc(NONCE_BYTES, 7);
const bytesOf = (routingId: string) => Buffer.from(routingId);

test('a seal has the form of PROTOCOL.md', () => {
  // Computed by Python: hmac.new(sha256(b"the secret of two").digest(), b"FL1P" + nonce + b"alice", sha256)
  expect(seal('plain', 'alice', nonce, secret)).toMatchInlineSnapshot(
    `"FL1PBwcHBwcHBwcHBwcHBwcHBwaatUfMkoUEsytfoIfRngF2ZLaYDroSyv9Gjnq8rI5AMalice"`,
  );
});

test('a seal can be parsed, and is genuine', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('curve' as const, 'plain' as const),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.uint8Array({ minLength: NONCE_BYTES, maxLength: NONCE_BYTES }),
      (mechanism, name, random) => {
        const claim = readSeal(bytesOf(seal(mechanism, name, Buffer.from(random), secret)));
        expect(claim).toMatchObject({ mechanism, name });
        const known = [secret, secretOf('another')];
        expect(known.map((other) => claim && isGenuine(claim, other))).toEqual([true, false]);
      },
    ),
  );
});

test('the longest name gives a routing id that ZeroMQ accepts', () => {
  const routingId = seal('plain', 'x'.repeat(LONGEST_NAME_BYTES), nonce, secret);
  expect(bytesOf(routingId)).toHaveLength(255);
});

describe('whatever is changed, it is no longer genuine', () => {
  const genuine = seal('curve', 'alice', nonce, secret);

  test.each(Array.from({ length: genuine.length }, (_, at) => at))('the character at %i', (at) => {
    const other = genuine[at] === 'A' ? 'B' : 'A';
    const claim = readSeal(bytesOf(genuine.slice(0, at) + other + genuine.slice(at + 1)));
    expect(claim !== undefined && isGenuine(claim, secret)).toBe(false);
  });
});

describe('there is one form of it:', () => {
  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const genuine = seal('curve', 'alice', nonce, secret);

  test.each([
    ['the nonce', 25],
    ['the code', 68],
  ])('no other last character of %s says the same', (_, at) => {
    const heard = Array.from({ length: 64 }, (__, digit) => DIGITS.charAt(digit)).filter(
      (digit) => {
        const claim = readSeal(bytesOf(genuine.slice(0, at) + digit + genuine.slice(at + 1)));
        return claim !== undefined && isGenuine(claim, secret);
      },
    );
    expect(heard).toEqual([genuine[at]]);
  });

  test.each([
    ['the nonce', 4, 25],
    ['the code', 26, 68],
  ])('%s in another form is none', (_, from, at) => {
    const bytes = (text: string) => Buffer.from(text.slice(from, at + 1), 'base64url');
    const others = Array.from(
      { length: 64 },
      (__, digit) => genuine.slice(0, at) + DIGITS.charAt(digit) + genuine.slice(at + 1),
    ).filter((text) => bytes(text).equals(bytes(genuine)) && text !== genuine);
    expect(others.length).toBeGreaterThan(2);
    expect(others.map((text) => readSeal(bytesOf(text)))).toEqual(others.map(() => undefined));
  });

  test('invalid UTF-8 is not accepted', () => {
    const name = '\uFFFD';
    const proper = bytesOf(seal('plain', name, nonce, secret));
    expect(readSeal(proper)).toMatchObject({ name });
    const improper = Buffer.concat([proper.subarray(0, -3), Buffer.from([0xff])]);
    expect(improper.toString()).toBe(proper.toString());
    expect(readSeal(improper)).toBeUndefined();
  });
});

test('other routing ids are no seals, and nothing makes the parser throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 255 }), (bytes) => {
      expect(readSeal(Buffer.from(bytes))).toBeUndefined();
    }),
  );
  expect(readSeal(bytesOf(`FL1C${'a'.repeat(65)}`))).toBeUndefined();
});
