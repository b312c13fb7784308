import { expect, test } from 'vitest';
import { skipped } from './skipped.js';

test('a machine without namespaces hears what is missing, and that it was skipped', () => {
  expect(skipped(['it needs root', 'there is no nft'], false)).toEqual({
    message: 'test/hosts was skipped, because it cannot run here: it needs root; there is no nft.',
    exitCode: 0,
  });
});

test('on CI that is a failure', () => {
  const { message, exitCode } = skipped(['it needs root'], true);
  expect(message).toContain('failed');
  expect(exitCode).toBe(1);
});
