import { expect, test } from 'vitest';
import { nameOf } from '../../lib/protocol/pattern-name.js';
import type { Pattern } from '../../lib/protocol/headers.js';

const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
const nested = (levels: number): Record<string, unknown> =>
  levels === 0 ? {} : { a: nested(levels - 1) };

// `test/nest/server/at-most-once.test.ts` compares names with Nest's own routes.
test.each<[string, Pattern | number, string]>([
  ['text', 'charge', 'charge'],
  ['text with white space around it', ' charge ', ' charge '],
  ['a number', 5, '5'],
  ['a number in text', '5.0', '5'],
  ['a negative number in text', '-1.0', '-1'],
  ['text in quotes', '"charge"', 'charge'],
  ['a number in quotes', '"5.0"', '5'],
  ['text in quotes in quotes', String.raw`"\"charge\""`, 'charge'],
  ['text that looks like JSON at first', '{charge', '{charge'],
  ['JSON text', ' {"b":1,\n"a":[2]}', '{"a":{"0":2},"b":1}'],
  ['an object', { b: 1, a: 'x' }, '{"a":"x","b":1}'],
  ['an object in an object', { b: { d: 1, c: null }, a: true }, '{"a":true,"b":{"c":null,"d":1}}'],
  ['a member that is undefined', { a: 1, b: undefined }, '{"a":1}'],
  ['a member that is a function', { a: () => 1 }, '{"a":null}'],
  ['a key with quotes', { 'a"b': 1 }, '{"a\\"b":1}'],
  ['as many members as Nest reads', keys(20), nameOf(JSON.stringify(keys(20)))],
  ['more members than Nest reads', keys(21), '{…}'],
  ['as deep as Nest reads', nested(5), '{"a":{"a":{"a":{"a":{"a":{}}}}}}'],
  ['deeper than Nest reads', nested(6), '{"a":{"a":{"a":{"a":{"a":{"a":{…}}}}}}}'],
])('the name of %s', (_, pattern, name) => {
  expect(nameOf(pattern)).toBe(name);
});

test('the name of an object has all members that Nest reads', () => {
  expect(nameOf(keys(20))).toContain('"k19":19');
});
