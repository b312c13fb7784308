import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplayWindow } from '../../lib/core/replay-window.js';

const POLICY = { window: 100, maxCount: 5, maxBytes: 50, share: 1 };
const [A, B] = [{}, {}];

test('an outcome is remembered for its own client and id, until the window is over', () => {
  const replays = new ReplayWindow<string>(POLICY);
  replays.remember(A, '1', 'of a', 1, 0);
  replays.remember(B, '1', 'of b', 1, 50);
  expect(replays.recall(A, '1', 99)).toBe('of a');
  expect(replays.recall(A, '2', 99)).toBeUndefined();
  expect(replays.recall(A, '1', 100)).toBeUndefined();
  expect(replays.recall(B, '1', 100)).toBe('of b');
});

test('an account has its share over all its clients, and evicts nobody else', () => {
  const replays = new ReplayWindow<string>({
    window: 100,
    maxCount: 4,
    maxBytes: 100,
    share: 1 / 2,
  });
  const account = {};
  const recalled = (client: object, ids: string) =>
    ids
      .split('')
      .filter((id) => replays.recall(client, id, 0) !== undefined)
      .join('');
  replays.remember(B, '1', 'of b', 1, 0);
  for (const id of ['1', '2']) replays.remember(A, id, 'of a', 1, 0, account);
  const sibling = {};
  replays.remember(sibling, '3', 'of a', 1, 0, account);
  expect([recalled(A, '12'), recalled(sibling, '3'), recalled(B, '1')]).toEqual(['2', '3', '1']);
  // By bytes as well: the third one alone takes the share of two.
  replays.remember(sibling, '4', 'of a', 50, 0, account);
  expect([recalled(A, '12'), recalled(sibling, '34'), recalled(B, '1')]).toEqual(['', '4', '1']);
  expect(replays.size).toBe(2);
});

test('the latest outcomes are remembered, within the bounds of count and bytes', () => {
  const outcomes = fc.array(
    fc.record({ bytes: fc.integer({ min: 1, max: 30 }), later: fc.nat(40) }),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(outcomes, (all) => {
      const replays = new ReplayWindow<number>(POLICY);
      let now = 0;
      const told = all.map(({ bytes, later }, at) => {
        now += later;
        replays.remember(A, String(at), at, bytes, now);
        return { at, bytes, until: now + POLICY.window };
      });
      let bytesLeft = POLICY.maxBytes;
      const kept: number[] = [];
      for (const { at, bytes, until } of told.toReversed()) {
        bytesLeft -= bytes;
        if (bytesLeft < 0 || until <= now || kept.length === POLICY.maxCount) break;
        kept.push(at);
      }
      const recalled = told.filter(({ at }) => replays.recall(A, String(at), now) === at);
      expect(recalled.map(({ at }) => at).toReversed()).toEqual(kept);
      expect(replays.size).toBe(kept.length);
    }),
  );
});

test('all accounts together stay within the bounds, and the oldest outcome is evicted first', () => {
  const replays = new ReplayWindow<string>(POLICY);
  expect(replays.recall(B, '0', 0)).toBeUndefined();
  for (const id of ['0', '1', '2']) replays.remember(A, id, 'of a', 1, 0);
  for (const id of ['0', '1', '2']) replays.remember(B, id, 'of b', 1, 0);
  expect(replays.size).toBe(5);
  expect([replays.recall(A, '0', 0), replays.recall(A, '1', 0)]).toEqual([undefined, 'of a']);
});
