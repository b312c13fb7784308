import { expect, test } from 'vitest';
import { callShares } from '../../lib/core/call-shares.js';

test('of a client without a choice there are none', () => {
  expect(callShares([], 'a')).toEqual([]);
});

test('a client with a zone has two for each priority, and one without has one', () => {
  const priorities = [
    { priority: 0, share: 0.5, localShare: 0.5 },
    { priority: 7, share: 0.5, localShare: 1 },
  ];
  expect(callShares(priorities, 'a')).toEqual([
    { priority: 0, zone: 'local', share: 0.25 },
    { priority: 0, zone: 'remote', share: 0.25 },
    { priority: 7, zone: 'local', share: 0.5 },
    { priority: 7, zone: 'remote', share: 0 },
  ]);
  expect(callShares(priorities, undefined)).toEqual([
    { priority: 0, zone: undefined, share: 0.5 },
    { priority: 7, zone: undefined, share: 0.5 },
  ]);
});

test('beyond ten priorities, the rest is one', () => {
  const priorities = Array.from({ length: 12 }, (_, priority) => ({
    priority,
    share: priority < 10 ? 0 : 0.5,
    localShare: 0.25,
  }));
  const shares = callShares(priorities, 'a');
  expect(shares).toHaveLength(22);
  expect(shares.slice(-2)).toEqual([
    { priority: undefined, zone: 'local', share: 0.25 },
    { priority: undefined, zone: 'remote', share: 0.75 },
  ]);
});
