import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeZ85, encodeZ85 } from '../../lib/security/z85.js';

/** From RFC 32. */
const EXAMPLE = Buffer.from([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b]);

test('the example of RFC 32', () => {
  expect(encodeZ85(EXAMPLE)).toBe('HelloWorld');
  expect(decodeZ85('HelloWorld')).toEqual(EXAMPLE);
});

test('decoding reverses encoding', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const text = encodeZ85(Buffer.from(bytes));
      expect(text).toHaveLength(40);
      expect(decodeZ85(text)).toEqual(Buffer.from(bytes));
    }),
  );
});

test.each(['Hello', ''])('%j is right', (text) => {
  expect(decodeZ85(text)).toBeDefined();
});

test.each([
  ['of another length', 'HelloWorl'],
  ['with a character that is no digit', 'Hello~orld'],
  ['with a space', 'Hell Worl '],
  ['more than four bytes hold', '#####'],
])('text %s is wrong', (_, text) => {
  expect(decodeZ85(text)).toBeUndefined();
});
