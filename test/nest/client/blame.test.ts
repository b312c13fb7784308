import { runInNewContext } from 'node:vm';
import { FreelanceError } from 'nestjs-freelance';
import { expect, test, vi } from 'vitest';
import { guardedBlame, isUnexpected } from '../../../lib/nest/client/blame.js';
import { Serialized } from '../../../lib/protocol/body.js';

test.each([
  [true, { status: 'error', message: 'Internal server error' }],
  [true, new FreelanceError('PROTOCOL', 'makes no sense')],
  [true, new FreelanceError('ETIMEDOUT', 'took too long')],
  [false, new FreelanceError('OVERLOADED', 'is full')],
  [false, { status: 'error', message: 'no such order' }],
  [false, { message: 'Internal server error' }],
  [false, 'Internal server error'],
  [false, null],
  [false, undefined],
])('by default: %s for %o', (isFailure, error) => {
  expect(isUnexpected(error)).toBe(isFailure);
});

test('the user’s rule gets the error that the caller gets', () => {
  const rule = vi.fn<(error: unknown) => boolean>(() => true);
  expect(guardedBlame(rule, () => {})(new Serialized('bytes'))).toBe(true);
  expect(rule).toHaveBeenCalledWith('bytes');
});

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('a bug');
    },
  ],
  ['returns nothing', () => undefined],
  ['returns a promise', () => Promise.resolve(true)],
  ['returns a promise that rejects', () => Promise.reject(new Error('later'))],
  [
    'returns a promise of another realm that rejects',
    () => runInNewContext('Promise.reject(new Error("later"))') as unknown,
  ],
])('a rule that %s blames no server, and is reported once', async (_, rule) => {
  const told: unknown[] = [];
  const blames = guardedBlame(rule as () => boolean, (error) => told.push(error));
  expect([blames('a'), blames('b')]).toEqual([false, false]);
  await Promise.resolve();
  expect(told).toHaveLength(1);
  expect(told[0]).toBeInstanceOf(Error);
});
