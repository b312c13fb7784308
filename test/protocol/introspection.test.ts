import { assert, json, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { reservedNameOf } from '../../lib/protocol/introspection.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(16);

test.each(['$freelance.info', '$freelance.stats', '$freelance.later', '$freelance.'])(
  '%s is reserved',
  (pattern) => {
    expect(reservedNameOf(pattern)).toBe(pattern);
  },
);

test.each([
  String.raw`"$freelance.info"`,
  String.raw`"\u0024freelance.info"`,
  String.raw`"\u0024\u0066reelance\u002einfo"`,
  ' \n"$freelance.info" ',
  JSON.stringify(JSON.stringify('$freelance.info')),
])('%s is the same, spelled as JSON', (pattern) => {
  expect(reservedNameOf(pattern)).toBe('$freelance.info');
});

test.each([
  '$freelance',
  '$freelanceinfo',
  'a$freelance.info',
  ' $freelance.info',
  '$Freelance.info',
  String.raw`\u0024freelance.info`,
  '"$freelance.info',
  '"',
  '',
  '["$freelance.info"]',
  '{"cmd":"$freelance.info"}',
  { cmd: '$freelance.info' },
  '$SRV.INFO',
  5,
  undefined,
])('%j is not', (pattern) => {
  expect(reservedNameOf(pattern)).toBeUndefined();
});

test('text that does not contain the name is never reserved, and nothing throws', () => {
  assert(
    property(oneof(string(), json()), (text) => {
      expect(reservedNameOf(text)).toBeUndefined();
      expect(reservedNameOf(JSON.stringify(`$freelance.${text}`))).toBe(`$freelance.${text}`);
    }),
  );
});
