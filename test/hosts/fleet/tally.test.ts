import { expect, test } from 'vitest';
import { Tally } from './tally.js';

/** A call that was answered after that many ms. */
function answered(serverId: string, startedAt: number, ms: number) {
  return { serverId, startedAt, endedAt: startedAt + ms };
}

test('it knows when each server answered first, and when its last call was made', () => {
  const tally = new Tally();
  const now = performance.now();
  tally.note(answered('a', now, 30));
  tally.note(answered('a', now + 10, 5));
  tally.note(answered('b', now + 20, 5));
  const { answered: count, worstMs, servers } = tally.since;
  expect(count).toBe(3);
  expect(worstMs).toBeCloseTo(30);
  expect(Object.keys(servers)).toEqual(['a', 'b']);
  expect(servers['a']).toEqual({
    answered: 2,
    firstAnsweredAt: performance.timeOrigin + now + 30,
    lastCalledAt: performance.timeOrigin + now + 10,
  });
});

test('a call that was made before the mark does not count after it', () => {
  const tally = new Tally();
  const before = performance.now() - 10;
  tally.note(answered('a', before, 5));
  tally.mark();
  tally.note(answered('a', before, 5000));
  expect(tally.since).toEqual({ answered: 0, worstMs: 0, servers: {} });
});
