import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainText, plainText } from '../../lib/core/plain-text.js';

fc.configureGlobal({ seed: 17 });

test.each([
  ['a line break', 'a\nb', String.raw`a\nb`],
  ['a carriage return', 'a\rb', String.raw`a\rb`],
  ['a tab', 'a\tb', String.raw`a\tb`],
  ['an ANSI sequence', '\u001B[31mred', String.raw`\u{1b}[31mred`],
  ['an eight-bit control sequence', '\u009B31mred', String.raw`\u{9b}31mred`],
  ['a NUL', 'a\0b', String.raw`a\u{0}b`],
  ['DEL', 'a\u007Fb', String.raw`a\u{7f}b`],
  ['a right-to-left override', 'a\u202Eb', String.raw`a\u{202e}b`],
  ['an isolate', 'a\u2066b', String.raw`a\u{2066}b`],
  ['a line separator', 'a\u2028b', String.raw`a\u{2028}b`],
  ['a zero-width space', 'a\u200Bb', String.raw`a\u{200b}b`],
  ['a tag that cannot be seen', 'a\u{E0041}b', String.raw`a\u{e0041}b`],
  ['half of a pair of surrogates', 'a\uD83Db', String.raw`a\u{d83d}b`],
])('%s is escaped', (_, text, plain) => {
  expect(plainText(text)).toBe(plain);
  expect(isPlainText(text)).toBe(false);
});

test('readable text stays unchanged, in any script', () => {
  const text = 'sum of 1 + 2: größer, 數, عربى, 😀';
  expect(plainText(text)).toBe(text);
  expect(isPlainText(text)).toBe(true);
});

test('long text is cut, and its length is stated', () => {
  expect(plainText('x'.repeat(201))).toBe(`${'x'.repeat(200)}… (201 characters)`);
  expect(plainText('x'.repeat(200))).toBe('x'.repeat(200));
  expect([isPlainText('x'.repeat(200)), isPlainText('x'.repeat(201))]).toEqual([true, false]);
});

test('a surrogate pair that the cut would split is escaped', () => {
  expect(plainText('ab😀', 3)).toBe(String.raw`ab\u{d83d}… (4 characters)`);
});

test('any text becomes one printable line of bounded length', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0x10ffff), { maxLength: 60 }), (codePoints) => {
      const text = String.fromCodePoint(...codePoints);
      const plain = plainText(text, 40);
      expect(isPlainText(plain, Infinity)).toBe(true);
      expect(plain.length).toBeLessThan(440);
    }),
  );
});
