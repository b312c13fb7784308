import { expect, test } from 'vitest';
import { hookFailure } from '../../lib/core/hook-failure.js';

test('names the hook, says what the error says, and keeps it as the cause', () => {
  const error = new TypeError('no');
  const failure = hookFailure('aHook', error);
  expect(failure.message).toBe('The hook aHook failed: no');
  expect(failure.cause).toBe(error);
});

test.each([
  ['text', 'text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [42n, '42'],
])('%s may be thrown', (thrown, text) => {
  expect(hookFailure('aHook', thrown).message).toBe(`The hook aHook failed: ${text}`);
});

const UNREADABLE: object = {
  get message(): string {
    throw new Error('of the getter');
  },
};

test.each([UNREADABLE, Object.create(null)])(
  'an error that cannot be read is not passed on to the logger, which would read it',
  (thrown) => {
    const failure = hookFailure('aHook', thrown);
    expect(failure.message).toBe('The hook aHook failed with an error that cannot be shown.');
    expect(failure.cause).toBeUndefined();
  },
);
