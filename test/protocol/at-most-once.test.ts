import { describe, expect, test } from 'vitest';
import { AtMostOncePatterns, type PatternNames } from '../../lib/protocol/at-most-once.js';
import { NAMED_IN_HELLO, readPatternNames } from '../../lib/protocol/at-most-once.js';

const patterns = (...names: string[]) => {
  const all = new AtMostOncePatterns({ names: 3, characters: 10 });
  for (const name of names) all.add(name);
  return all;
};

describe('AtMostOncePatterns', () => {
  test('is empty at first', () => {
    const none = patterns();
    expect([none.isEmpty, none.names, none.has('charge')]).toEqual([true, [], false]);
  });

  test('contains each added pattern once, by its name', () => {
    const some = patterns('charge', 'a', 'charge');
    expect(some.isEmpty).toBe(false);
    expect(some.has('a')).toBe(true);
    expect(some.has('b')).toBe(false);
    expect(patterns('charge', 'a', 'charge', 'a', 'charge').names).toEqual(['charge', 'a']);
  });

  test('accepts objects and numbers as patterns', () => {
    const some = new AtMostOncePatterns({ names: 3, characters: 100 });
    some.add({ b: 1, a: 2 });
    some.add(5);
    expect(some.names).toEqual(['{"a":2,"b":1}', '5']);
    expect([some.has({ a: 2, b: 1 }), some.has('5'), some.has({ a: 2 })]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test.each<[string, string[], boolean]>([
    ['as many as may be', ['a', 'b', 'c'], false],
    ['one more', ['a', 'b', 'c', 'd'], true],
    ['as long as may be', ['12345', '67890'], false],
    ['a character more', ['12345', '678901'], true],
  ])('becomes "every pattern" past its bounds: %s', (_, names, areAll) => {
    const some = patterns(...names);
    expect(some.has('another')).toBe(areAll);
    expect(some.names).toEqual(areAll ? true : names);
    expect(some.isEmpty).toBe(false);
  });

  test('stays "every pattern" whatever is added', () => {
    const all = patterns('12345678901');
    all.add('a');
    all.addNames(['b']);
    expect(all.names).toBe(true);
  });

  test('adopts the names of a peer, whose objects may be unsorted, or "every pattern"', () => {
    const named = new AtMostOncePatterns({ names: 3, characters: 100 });
    named.addNames(['charge', '{"b":1,"a":2}']);
    named.addNames(['charge', '{"b":1,"a":2}']);
    expect(named.names).toEqual(['charge', '{"a":2,"b":1}']);
    named.addNames(true);
    expect(named.names).toBe(true);
    expect(named.has('another')).toBe(true);
  });
});

describe('readPatternNames', () => {
  const { names, characters } = NAMED_IN_HELLO;
  test.each<[string, unknown, PatternNames | undefined]>([
    ['all', true, true],
    ['none', false, []],
    ['none, in a list', [], []],
    ['some', ['a', 'b'], ['a', 'b']],
    ['a text', 'a', undefined],
    ['nothing', null, undefined],
    ['a list of other things', ['a', 1], undefined],
    ['more than are read', Array<string>(names + 1).fill('a'), true],
    ['longer ones than are read', ['x'.repeat(characters), 'y'], true],
  ])('%s', (_, given, read) => {
    expect(readPatternNames(given)).toEqual(read);
  });

  test('accepts names up to the bounds', () => {
    const many = Array<string>(names).fill('a');
    const long = ['x'.repeat(characters)];
    expect([readPatternNames(many), readPatternNames(long)]).toEqual([many, long]);
  });
});
