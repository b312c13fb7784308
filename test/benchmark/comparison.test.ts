import { expect, test } from 'vitest';
import { compare } from '../../benchmark/src/contract/comparison.js';
import type { Way } from '../../benchmark/src/contract/ways.js';

test('ways run in turn, in changing order, each with the same number of calls', async () => {
  const runs: string[] = [];
  const sizes = new Set<string>();
  const way = (name: string): Way => ({
    name,
    run: async (calls, inFlight) => {
      runs.push(name);
      if (runs.length > 8) sizes.add(`${calls} calls, ${inFlight} in flight`);
    },
  });
  const rounds = await compare([way('a'), way('b')], 16, { rounds: 3, seconds: 0.06 });
  expect(rounds).toHaveLength(3);
  expect(rounds[0]).toHaveLength(2);
  expect(rounds[0]?.[0]?.callsPerSecond.ofFirst).toBe(1);
  expect(runs.slice(8, 16).join('')).toBe('abbabaab');
  expect(runs.length).toBe(8 + 3 * 2 * 6);
  expect(sizes.size).toBe(1);
});
