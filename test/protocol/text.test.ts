import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeJson, decodeText, isAsciiText, isJsonObject } from '../../lib/protocol/text.js';
import { bytes, text } from './arbitraries.js';
import { deepArray, deepObject, malformed, notUtf8 } from './hostile.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(1);

describe('text', () => {
  test('decodes exactly, including a byte order mark and NUL', () => {
    fc.assert(
      fc.property(text, (sent) => {
        expect(decodeText(Buffer.from(sent))).toBe(sent);
      }),
    );
    expect(decodeText(Buffer.from('\uFEFFa\0'))).toBe('\uFEFFa\0');
  });

  test('may contain replacement characters', () => {
    expect(decodeText(Buffer.from('a\uFFFDb'))).toBe('a\uFFFDb');
  });

  test.each([
    ['a lone continuation byte', [0x80]],
    ['a sequence cut short', [0xe2, 0x82]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate half', [0xed, 0xa0, 0x80]],
    ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('%s is an error, not a replacement character', (_, octets) => {
    expect(decodeText(Buffer.from(octets))).toEqual(malformed('invalid-utf8'));
  });
});

test.each<[string, boolean]>([
  ['', true],
  ['0123456789', true],
  ['\0 ~\x7f', true],
  ['1\x80', false],
  ['\xff', false],
  ['1語', false],
  ['🌍', false],
])('%j as text of one byte for each character, in any encoding: %s', (sent, expected) => {
  expect(isAsciiText(sent)).toBe(expected);
  expect(Buffer.from(sent, 'latin1').equals(Buffer.from(sent))).toBe(expected);
});

describe('JSON', () => {
  test.each(['null', '0', '""', '[]', '{"type":"malformed"}'])(
    '%s is a value, not an error',
    (sent) => {
      const value: unknown = JSON.parse(sent);
      expect(decodeJson(Buffer.from(sent))).toEqual({ type: 'json', value });
    },
  );

  test.each(['', '{', '[1,]', "{'a':1}", 'NaN', 'undefined', '{"a":1} {}', '\uFEFF{}'])(
    '%j is invalid JSON',
    (sent) => {
      expect(decodeJson(Buffer.from(sent))).toEqual(malformed('invalid-json'));
    },
  );

  test('that is not UTF-8 is rejected as invalid UTF-8', () => {
    expect(decodeJson(notUtf8)).toEqual(malformed('invalid-utf8'));
  });

  test.each([
    ['arrays', deepArray],
    ['objects', deepObject],
    ['arrays that never close', '['.repeat(100_000)],
  ])('of 100 000 nested %s does not throw', (_, sent) => {
    expect(['json', 'malformed']).toContain(decodeJson(Buffer.from(sent)).type);
  });

  test('never makes decoding throw', () => {
    fc.assert(
      fc.property(bytes, (sent) => {
        expect(['json', 'malformed']).toContain(decodeJson(sent).type);
      }),
    );
  });
});

test.each<[unknown, boolean]>([
  [{}, true],
  [JSON.parse('{"__proto__":null}'), true],
  [[], false],
  [null, false],
  ['{}', false],
  [undefined, false],
])('%j as a JSON object: %s', (value, expected) => {
  expect(isJsonObject(value)).toBe(expected);
});
