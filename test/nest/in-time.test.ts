import { expect, test } from 'vitest';
import { InTime } from '../../lib/nest/server/in-time.js';

const NEVER = new Promise<never>(() => {});

test('what settles is as it was', async () => {
  const inTime = new InTime(1);
  const settled = <T>(made: Promise<T>) => inTime.settled(made, 'serializer', () => true);
  expect(await settled(Promise.resolve(1))).toBe(1);
  await expect(settled(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await settled(new Promise((resolve) => setImmediate(resolve, 2)))).toBe(2);
});

test('what never settles is given up, with or without somebody who waits', async () => {
  const inTime = new InTime(1);
  await expect(inTime.settled(NEVER, 'serializer', () => true)).rejects.toThrow(
    "The promise of the server's serializer has not settled within 10 s",
  );
  await expect(inTime.settled(NEVER, 'deserializer', () => false)).rejects.toThrow(
    "The promise of the server's deserializer has not settled before its caller left, nor soon after",
  );
});

test('whom nobody waits for is given up before those that somebody waits for', async () => {
  const inTime = new InTime(1);
  const order: string[] = [];
  const wait = (who: string, isWanted: boolean) =>
    inTime.settled(NEVER, who, () => isWanted).catch(() => order.push(who));
  await Promise.all([wait('wanted', true), wait('left', false)]);
  expect(order).toEqual(['left', 'wanted']);
});
