import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFault } from '../../../lib/cli/call/json-fault.js';
import { fixSeed } from '../../support/fix-seed.js';

fixSeed(1016);

test.each([
  ['{a:1}', 1, 'a name in double quotes, or }'],
  ["{'a':1}", 1, 'a name in double quotes, or }'],
  ['{"a" 1}', 5, 'a colon'],
  ['{"a":}', 5, 'a value'],
  ['{"a":1,}', 7, 'a name in double quotes'],
  ['{"a":1', 6, 'a comma, or the end of the object or list'],
  ['[1,]', 3, 'a value'],
  ['[1 2]', 3, 'a comma, or the end of the object or list'],
  ['[1}', 2, 'a comma, or the end of the object or list'],
  ['[', 1, 'a value or ]'],
  ['hello', 0, 'a value'],
  ['01', 1, 'nothing more'],
  ['{} {}', 3, 'nothing more'],
  ['1,2', 1, 'nothing more'],
  ['{}]', 2, 'nothing more'],
  ['"abc', 4, 'the closing quote of the text'],
  ['"a\nb"', 2, 'the closing quote of the text'],
  [String.raw`"C:\dir"`, 3, String.raw`a known escape, such as \n`],
  ['{"a":"b', 7, 'the closing quote of the text'],
  ['{"a', 3, 'the closing quote of the text'],
  ['{"a":tru}', 5, 'a value'],
])('%j: the fault is at %i, where %s is expected', (text, at, expected) => {
  expect(() => void JSON.parse(text)).toThrow(SyntaxError);
  expect(jsonFault(text)).toEqual({ at, expected });
});

const ends = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('JSON that is cut off has its fault where it was cut, or where the last token begins', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (json, length) => {
      const text = json.slice(0, length % json.length);
      fc.pre(!ends(text));
      const { at } = jsonFault(text);
      expect(text.slice(at)).toMatch(/^(?:[-+.\dEa-z]*|\\.*)$/);
    }),
  );
});

test('whatever the text is, the fault lies within it', () => {
  const text = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ \n01-.eEtrunlfas'.split('')) });
  fc.assert(
    fc.property(text, (given) => {
      fc.pre(!ends(given));
      const { at } = jsonFault(given);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThanOrEqual(given.length);
    }),
  );
});
