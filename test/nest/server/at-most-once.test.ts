import { FreelanceTransportServer } from 'nestjs-freelance';
import { describe, expect, test } from 'vitest';
import { AtMostOncePatterns, NAMED_IN_HELLO } from '../../../lib/protocol/at-most-once.js';
import type { Pattern } from '../../../lib/protocol/headers.js';
import type { JsonObject } from '../../../lib/protocol/text.js';

const handler = () => Promise.resolve();
const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
const nested = (levels: number): JsonObject => (levels === 0 ? {} : { a: nested(levels - 1) });

/** Patterns of which some reach the same handlers, and some only look like it. */
const PATTERNS: Pattern[] = [
  'charge',
  '"charge"',
  'charge ',
  '5',
  '5.0',
  '"5.0"',
  '"\\"charge\\""',
  ' {"b":1, "a":2}',
  JSON.stringify(' {"b":1, "a":2}'),
  'true',
  '{"cmd":"charge"}',
  '{ "cmd": "charge" }',
  { cmd: 'charge' },
  { cmd: '"charge"' },
  { cmd: 5 },
  { cmd: '5' },
  { cmd: null },
  { cmd: 'null' },
  { a: 1, b: { c: 2, d: 3 } },
  { b: { d: 3, c: 2 }, a: 1 },
  '{"b":{"d":3,"c":2},"a":1}',
  { 'a"b': 1 },
  { 'a\\"b': 1 },
  keys(20),
  nested(5),
  {},
];

const onTheWire = (pattern: Pattern) =>
  typeof pattern === 'string' ? pattern : JSON.stringify(pattern);

describe.each(PATTERNS.map((pattern) => ({ pattern })))(
  'of handlers of $pattern',
  ({ pattern }) => {
    const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
    server.addHandler(pattern, handler);
    const named = new AtMostOncePatterns(NAMED_IN_HELLO);
    named.add(pattern);
    const atTheClient = new AtMostOncePatterns(NAMED_IN_HELLO);
    atTheClient.addNames(named.names);

    test.each(PATTERNS.map((asked) => ({ asked })))('a call of $asked is known', ({ asked }) => {
      const isReached = server.getHandlerByPattern(onTheWire(asked)) === handler;
      // A name may also cover what reaches nobody, such as text that says the same in other white space.
      expect([isReached, named.has(asked)]).not.toEqual([true, false]);
      expect(atTheClient.has(asked)).toBe(named.has(asked));
    });
  },
);

test.each<[Pattern, Pattern]>([
  ['charge', 'charge '],
  ['charge', { cmd: 'charge' }],
  [{ cmd: 5 }, { cmd: '5' }],
  [{ cmd: null }, { cmd: 'null' }],
  [{ cmd: 'charge' }, { cmd: '"charge"' }],
  [{ 'a"b': 1 }, { 'a\\"b': 1 }],
])('%j is not taken for %j', (one, other) => {
  const named = new AtMostOncePatterns(NAMED_IN_HELLO);
  named.add(one);
  expect([named.has(one), named.has(other)]).toEqual([true, false]);
});

test('objects that are one pattern to Nest, being too large or too deep, are one pattern here', () => {
  const named = new AtMostOncePatterns(NAMED_IN_HELLO);
  named.add(keys(21));
  named.add(nested(7));
  expect(named.has({ ...keys(30) })).toBe(true);
  expect(named.has(nested(9))).toBe(true);
  expect(named.has(keys(20))).toBe(false);
});

test.each([
  ['many', Array.from({ length: NAMED_IN_HELLO.names + 1 }, (_, i) => `pattern ${i}`)],
  ['long', ['x'.repeat(NAMED_IN_HELLO.characters), 'y']],
])('too %s of them make all patterns run at most once', (_, patterns) => {
  const named = new AtMostOncePatterns(NAMED_IN_HELLO);
  for (const pattern of patterns.slice(1)) named.add(pattern);
  expect([named.names === true, named.has('another')]).toEqual([false, false]);
  for (const pattern of patterns) named.add(pattern);
  expect([named.names === true, named.has('another'), named.isEmpty]).toEqual([true, true, false]);
});
