import { expect, test } from 'vitest';
import { asText, OF_SYSTEM, OF_THREAD, peerKey } from '../../lib/sockets/peer-key.js';

test('no two connections have the same key, however many there were between them', () => {
  const numbers = [0, 1, 255, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 48 - 1];
  const keys = ([OF_SYSTEM, OF_THREAD] as const).flatMap((of) =>
    numbers.map((number) => peerKey(of, number)),
  );
  expect(new Set(keys.map(asText)).size).toBe(keys.length);
});
