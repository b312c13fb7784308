import { expect, test } from 'vitest';
import { isThenable } from '../../lib/core/thenable.js';

test.each<[string, unknown, boolean]>([
  ['a promise', Promise.resolve(), true],
  // oxlint-disable-next-line unicorn/no-thenable -- a promise of another library
  ['any object with a method `then`', { then: () => {} }, true],
  // oxlint-disable-next-line unicorn/no-thenable -- data that merely looks like one
  ['data with a field of that name', { then: 1 }, false],
  ['an object', {}, false],
  ['null', null, false],
  ['a text', 'then', false],
  ['nothing', undefined, false],
])('%s: %#', (_, value, is) => {
  expect(isThenable(value)).toBe(is);
});
