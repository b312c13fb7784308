import { expect, test } from 'vitest';
import { UntilSettled } from '../../../lib/cli/top/until-settled.js';
import { NOT_ASKED_YET, type ServerSnapshot } from '../../../lib/fleet/snapshot.js';
import { serverSnapshot } from '../../support/snapshots.js';

const connecting = serverSnapshot({ state: 'connecting', noStats: NOT_ASKED_YET });
const dead = serverSnapshot({ state: 'dead', noStats: 'it is not reachable' });
const silent = serverSnapshot({ noStats: 'it offers none', ratesOverMs: undefined });

/** Of this time, in ms; undefined after one reading. */
const ratesOver = (ratesOverMs: number | undefined) => serverSnapshot({ ratesOverMs });

/** Looks at each of the moments, one a second: which of them is the one that is printed? */
function settlesAt(...moments: readonly (readonly ServerSnapshot[])[]): number {
  const until = new UntilSettled(1000);
  return moments.findIndex((servers, second) => until.isSettled({ at: second * 1000, servers }));
}

test('one look takes two readings of each server that answers, however late it does', () => {
  expect(
    settlesAt(
      [connecting, dead],
      [ratesOver(1000), dead, ratesOver(undefined)],
      [ratesOver(1000), dead, ratesOver(undefined)],
      [ratesOver(1000), dead, ratesOver(undefined)],
      [ratesOver(1000), dead, ratesOver(1700)],
    ),
  ).toBe(4);
});

test('one look takes no rates of a moment: a server that was just reached is asked again at once', () => {
  expect(settlesAt([ratesOver(20)], [ratesOver(990)])).toBe(1);
});

test('one look does not wait for what will not come', () => {
  const draining = serverSnapshot({ state: 'draining', ratesOverMs: undefined });
  const unasked = serverSnapshot({ state: 'draining', noStats: NOT_ASKED_YET });
  expect(settlesAt([dead, silent, draining, unasked])).toBe(0);
});

test.each([
  ['connects', connecting],
  ['answers', serverSnapshot({ noStats: NOT_ASKED_YET })],
  ['answers a second time', ratesOver(undefined)],
])('one look ends, although a server never %s', (_, server) => {
  const until = new UntilSettled(1000);
  expect(until.isSettled({ at: 0, servers: [server] })).toBe(false);
  expect(until.isSettled({ at: 6999, servers: [server] })).toBe(false);
  expect(until.isSettled({ at: 7000, servers: [server] })).toBe(true);
});
