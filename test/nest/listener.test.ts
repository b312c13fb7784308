import { expect, test } from 'vitest';
import { guarded } from '../../lib/nest/listener.js';

const BROKEN = new Error('broken');

test.each<[title: string, listener: () => unknown, failures: unknown[]]>([
  ['throws', () => void JSON.parse('no'), [expect.any(SyntaxError)]],
  ['rejects', () => Promise.reject(BROKEN), [BROKEN]],
  ['resolves', () => Promise.resolve(1), []],
  ['returns', () => 1, []],
  ['returns null', () => null, []],
  ['never settles', () => new Promise(() => {}), []],
])('a listener that %s harms nobody', async (_, listener, failures) => {
  const failed: unknown[] = [];
  const hear = guarded(listener, (error) => failed.push(error));
  expect(() => hear()).not.toThrow();
  await new Promise(setImmediate);
  expect(failed).toEqual(failures);
});

test('a listener hears what is told', () => {
  const heard: unknown[] = [];
  guarded(
    (...told: unknown[]) => void heard.push(told),
    () => {},
  )('a', 1);
  expect(heard).toEqual([['a', 1]]);
});
