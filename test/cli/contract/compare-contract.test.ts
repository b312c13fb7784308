import { describe, expect, test } from 'vitest';
import { compareContracts } from '../../../lib/cli/contract/compare-contract.js';
import { type Contract, contract } from '../../../lib/contract/contract.js';
import { event, rpc, stream } from '../../../lib/contract/entries.js';

const orders = contract('orders', {
  place: rpc({ atMostOnce: true }),
  list: stream(),
  cancelled: event(),
  old: rpc({ pattern: { cmd: 'old', v: 1 } }),
});
const admin = contract('orders.admin', { purge: rpc() });

const PLACE = { pattern: 'orders.place', kind: 'call', atMostOnce: true };
const LIST = { pattern: 'orders.list', kind: 'call', atMostOnce: false };
const CANCELLED = { pattern: 'orders.cancelled', kind: 'event', atMostOnce: false };
const OLD = { pattern: '{"cmd":"old","v":1}', kind: 'call', atMostOnce: false };
const PURGE = { pattern: 'orders.admin.purge', kind: 'call', atMostOnce: false };

/** The differences of a server from the contract `orders`. */
function differences(
  patterns: readonly unknown[],
  rest: object = {},
  all: readonly Contract[] = [orders],
) {
  const compared = compareContracts({ contracts: [orders], all }, { patterns, ...rest });
  return compared.flatMap((each) => each.differences);
}

describe('a server and a contract', () => {
  test('agree if each entry has its handler, whatever else the server has', () => {
    const others = [
      { pattern: 'other', kind: 'call', atMostOnce: true },
      { pattern: 'ordersx', kind: 'event', atMostOnce: false },
    ];
    expect(differences([PLACE, LIST, CANCELLED, OLD, ...others])).toEqual([]);
  });

  test('differ in an entry without a handler', () => {
    expect(differences([PLACE, CANCELLED])).toEqual([
      {
        code: 'missing',
        entry: 'list',
        pattern: 'orders.list',
        message: 'the server has no handler for it',
      },
      expect.objectContaining({ code: 'missing', entry: 'old', pattern: '{"cmd":"old","v":1}' }),
    ]);
  });

  test('differ in calls that the server takes as events, and in the reverse', () => {
    const swapped = [{ ...LIST, kind: 'event' }, { ...CANCELLED, kind: 'call' }, PLACE, OLD];
    expect(differences(swapped)).toEqual([
      expect.objectContaining({
        code: 'kind',
        entry: 'list',
        message: 'the contract says stream; the server takes it as an event',
      }),
      expect.objectContaining({
        code: 'kind',
        entry: 'cancelled',
        message: 'the contract says event; the server takes it as a call',
      }),
    ]);
  });

  test('differ if only one of them says at most once', () => {
    const swapped = [
      { ...PLACE, atMostOnce: false },
      { ...LIST, atMostOnce: true },
      CANCELLED,
      OLD,
    ];
    expect(differences(swapped)).toEqual([
      expect.objectContaining({ code: 'at-most-once', entry: 'place' }),
      expect.objectContaining({ code: 'at-most-once', entry: 'list' }),
    ]);
  });

  test('differ in handlers under its name that the contract lacks', () => {
    const more = [
      { pattern: 'orders.rebuild', kind: 'call', atMostOnce: false },
      { ...PLACE, kind: 'event' },
    ];
    expect(differences([PLACE, LIST, CANCELLED, OLD, ...more])).toEqual([
      {
        code: 'extra',
        pattern: 'orders.rebuild',
        message: 'the server has it (call); the contract has not',
      },
      {
        code: 'extra',
        pattern: 'orders.place',
        message: 'the server has it (event); the contract has not',
      },
    ]);
  });

  test('agree if what begins with its name is of another contract', () => {
    const served = [PLACE, LIST, CANCELLED, OLD, PURGE];
    expect(differences(served)).toMatchObject([{ code: 'extra', pattern: 'orders.admin.purge' }]);
    expect(differences(served, {}, [orders, admin])).toEqual([]);
  });

  test('are not known to agree if the server has not listed all of its patterns', () => {
    expect(differences([PLACE, LIST, CANCELLED], { morePatterns: 2 })).toEqual([
      {
        code: 'unlisted',
        entry: 'old',
        pattern: '{"cmd":"old","v":1}',
        message: 'not known: the server lists only 3 of its 5 patterns',
      },
    ]);
  });

  test('do not differ in what another implementation does not tell', () => {
    const bare = [PLACE, LIST, CANCELLED, OLD].map(({ pattern }) => ({ pattern }));
    expect(differences([...bare, null, {}, { pattern: 1 }])).toEqual([]);
  });

  test('cannot make a terminal do anything', () => {
    const evil = { pattern: 'orders.\u001B[2J', kind: '\u0007' };
    const [difference] = differences([PLACE, LIST, CANCELLED, OLD, evil]);
    expect(difference).toEqual({
      code: 'extra',
      pattern: String.raw`orders.\u{1b}[2J`,
      message: String.raw`the server has it (\u{7}); the contract has not`,
    });
    const odd = contract('odd', { bell: rpc({ pattern: 'bell\u0007' }) });
    expect(compareContracts({ contracts: [odd], all: [odd] }, {})).toMatchObject([
      { differences: [{ code: 'missing', pattern: String.raw`bell\u{7}` }] },
    ]);
  });
});
