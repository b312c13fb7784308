import { expect, test } from 'vitest';
import { guarded } from '../../lib/core/guarded.js';

const BROKEN = new Error('broken');

test.each<[title: string, listener: () => unknown, failures: unknown[]]>([
  ['throws', () => void JSON.parse('no'), [expect.any(SyntaxError)]],
  ['rejects', () => Promise.reject(BROKEN), [BROKEN]],
  ['resolves', () => Promise.resolve(1), []],
  ['returns', () => 1, []],
  ['returns null', () => null, []],
  ['never settles', () => new Promise(() => {}), []],
])('a listener that %s does not break its caller', async (_, listener, failures) => {
  const failed: unknown[] = [];
  const hear = guarded(listener, (error) => failed.push(error));
  expect(() => hear()).not.toThrow();
  await new Promise(setImmediate);
  expect(failed).toEqual(failures);
});

test('a listener gets the arguments', () => {
  const heard: unknown[] = [];
  guarded(
    (...told: unknown[]) => void heard.push(told),
    () => {},
  )('a', 1);
  expect(heard).toEqual([['a', 1]]);
});
