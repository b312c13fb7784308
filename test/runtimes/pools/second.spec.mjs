import { expect, test } from 'vitest';
import { sumByCall } from './calls.mjs';

test('a call is answered', async () => {
  expect(await sumByCall([1, 2])).toBe(3);
});

test('a call is answered with CURVE, which loads a package when it is first used', async () => {
  expect(await sumByCall([1, 2], { curve: true })).toBe(3);
});

test('a server and a client that the test forgets to close harm nobody', async () => {
  expect(await sumByCall([3, 4], { leaveOpen: true })).toBe(7);
});
