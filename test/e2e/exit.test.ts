import { expect, test } from 'vitest';
import { Child } from '../support/child.js';

test.each(['node', 'libzmq'])(
  'a process whose clients and server are closed ends by itself (engine: %s)',
  async (engine) => {
    await using child = Child.node('short-life', engine);
    expect(await child.nextLine()).toBe('hello');
    expect(await child.nextLine()).toMatchObject({ code: 'CLOSED' });
    expect(await child.nextLine()).toMatchObject({ code: 'CLOSED' });
    expect(await child.ended()).toBe(0);
    expect(child.errors).toBe('');
  },
);

test('a secured process exits cleanly that loaded the library as ESM and CommonJS, in two threads', async () => {
  await using child = Child.node('secured-life');
  const answers = { friend: true, stranger: 'UNAUTHORIZED' };
  expect([await child.nextLine(), await child.nextLine(), await child.nextLine()]).toEqual([
    { copy: 'esm', ...answers },
    { copy: 'commonjs', ...answers },
    { copy: 'thread', ...answers },
  ]);
  expect(await child.ended()).toBe(0);
  expect(child.errors).toBe('');
});

test('a secured process may exit at any time with open sockets', async () => {
  await using child = Child.node('secured-life', 'leaves');
  expect(await child.nextLine()).toMatchObject({ friend: true });
  expect(await child.ended()).toBe(0);
  expect(child.errors).toBe('');
});
