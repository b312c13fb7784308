import { expect, test } from 'vitest';
import { UntilSettled } from '../../../lib/cli/top/until-settled.js';
import { NOT_ASKED_YET } from '../../../lib/fleet/snapshot.js';
import { serverSnapshot } from '../../support/snapshots.js';

const connecting = serverSnapshot({ state: 'connecting', noStats: NOT_ASKED_YET });
const dead = serverSnapshot({ state: 'dead', noStats: 'it is not reachable' });

test('one look takes two readings of each server that answers', () => {
  const until = new UntilSettled(1000);
  expect(until.isSettled({ at: 0, servers: [connecting, dead] })).toBe(false);
  expect(until.isSettled({ at: 1000, servers: [serverSnapshot(), dead] })).toBe(false);
  expect(until.isSettled({ at: 1900, servers: [serverSnapshot(), dead] })).toBe(false);
  expect(until.isSettled({ at: 2000, servers: [serverSnapshot(), dead] })).toBe(true);
});

test('one look does not wait for what will not come', () => {
  const silent = serverSnapshot({ noStats: 'it offers none' });
  expect(new UntilSettled(1000).isSettled({ at: 0, servers: [dead, silent] })).toBe(true);
});

test('one look ends, although a server never connects', () => {
  const until = new UntilSettled(1000);
  expect(until.isSettled({ at: 0, servers: [connecting] })).toBe(false);
  expect(until.isSettled({ at: 6999, servers: [connecting] })).toBe(false);
  expect(until.isSettled({ at: 7000, servers: [connecting] })).toBe(true);
});
