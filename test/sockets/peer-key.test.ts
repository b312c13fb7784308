import { expect, test } from 'vitest';
import { newPeerKey } from '../../lib/sockets/peer-key.js';

test('no two connections have the same key', () => {
  const keys = Array.from({ length: 1000 }, newPeerKey);
  expect(new Set(keys).size).toBe(keys.length);
});
