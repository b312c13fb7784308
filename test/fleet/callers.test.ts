import { expect, test } from 'vitest';
import { callersOf } from '../../lib/fleet/callers.js';
import { type Reading, readReading } from '../../lib/fleet/reading.js';

function readingOf(calls: Record<string, number>): Reading {
  const callers = Object.fromEntries(
    Object.entries(calls).map(([client, count]) => [client, { calls: count, pending: 1 }]),
  );
  const reading = readReading({ id: 'one', at: 1, uptimeMs: 1, stats: { callers } });
  if (!reading) throw new Error('this is a reading');
  return reading;
}

test('each client is told with its rate, the busiest first', () => {
  const before = readingOf({ old: 10, busy: 100 });
  const after = readingOf({ old: 10, busy: 120, fresh: 4 });
  expect(callersOf(before, after, 2000)).toMatchObject([
    { client: 'busy', callsPerSecond: 10, pending: 1 },
    { client: 'fresh', callsPerSecond: 2 },
    { client: 'old', callsPerSecond: 0 },
  ]);
});

test('the first reading has no rates yet', () => {
  expect(callersOf(undefined, readingOf({ busy: 100 }), 0)).toMatchObject([
    { client: 'busy', callsPerSecond: 0, pending: 1 },
  ]);
});

test('of very many clients, the busiest are told', () => {
  const many = (factor: number) =>
    readingOf(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`c${n}`, n * factor])));
  const told = callersOf(many(1), many(2), 1000);
  expect(told).toHaveLength(50);
  expect(told[0]?.client).toBe('c199');
});
