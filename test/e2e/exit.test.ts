import { expect, test } from 'vitest';
import { Child } from '../support/child.js';

test('a process whose client and server are closed ends by itself', async () => {
  await using child = Child.node('short-life');
  expect(await child.nextLine()).toBe('hello');
  expect(await child.nextLine()).toMatchObject({ code: 'CLOSED' });
  expect(await child.ended()).toBe(0);
  expect(child.errors).toBe('');
});
