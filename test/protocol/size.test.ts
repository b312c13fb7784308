import { expect, test } from 'vitest';
import { exceeds } from '../../lib/protocol/size.js';

test.each<[string, string | Buffer, number]>([
  ['bytes', Buffer.alloc(9), 9],
  ['ASCII', 'a'.repeat(9), 9],
  ['characters of two bytes', 'é'.repeat(3), 6],
  ['characters of three bytes', '€'.repeat(3), 9],
  ['characters of four bytes, which are two units', '😀'.repeat(3), 12],
  ['a mixture', 'aé€😀', 10],
  ['nothing', '', 0],
])('%s are counted as they travel', (_what, content, bytes) => {
  expect(exceeds(content, bytes)).toBe(false);
  expect(exceeds(content, bytes - 1)).toBe(true);
});
