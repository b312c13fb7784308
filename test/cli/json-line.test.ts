import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonLine } from '../../lib/cli/json-line.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(21);

test('a line of JSON is the value again, and nothing in it does anything to a terminal', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
      (value) => {
        const line = jsonLine(value);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      },
    ),
  );
  expect(jsonLine({ id: 'a\u009B2Jb\u{E0001}' })).toBe('{"id":"a\\u009b2Jb\\udb40\\udc01"}\n');
});
