import { describe, expect, test } from 'vitest';
import {
  callersOf,
  failing,
  groupsOf,
  localShareOf,
  patternRows,
  slowest,
  totalsOf,
} from '../../../lib/dashboard/page/derive.js';
import { pageSnapshot } from '../../../lib/dashboard/page-snapshot.js';
import { clientOf, patternOf, serverOf, snapshotOf } from '../fake-fleet.js';

const page = (change: Parameters<typeof snapshotOf>[1]) => pageSnapshot(snapshotOf(1000, change));

test('the totals are those of the fleet, with the servers counted', () => {
  const servers = [
    serverOf('a', { running: 3, queued: 1 }),
    serverOf('b', { running: 4 }),
    serverOf('c', { state: 'dead', running: 0 }),
  ];
  expect(totalsOf(page({ servers }))).toMatchObject({
    callsPerSecond: 100,
    alive: 2,
    servers: 3,
    running: 7,
    queued: 1,
    areRatesKnown: true,
  });
  const unread = serverOf('a', { ratesOverMs: undefined });
  expect(totalsOf(page({ servers: [unread] })).areRatesKnown).toBe(false);
});

describe('servers of several zones and priorities', () => {
  const grouped = (...servers: ReturnType<typeof serverOf>[]) =>
    groupsOf(servers).map(
      ({ title, servers: its }) => `${title}: ${its.map(({ id }) => id).join()}`,
    );

  test('stand together, the first choice first, those without a zone last', () => {
    expect(
      grouped(
        serverOf('a', { priority: 1, zone: 'x' }),
        serverOf('b'),
        serverOf('c', { zone: 'y' }),
        serverOf('d', { zone: 'x' }),
        serverOf('e', { zone: 'y' }),
      ),
    ).toEqual([
      'priority 0, zone x: d',
      'priority 0, zone y: c,e',
      'priority 0, no zone: b',
      'priority 1, zone x: a',
    ]);
  });

  test('are named by what tells them apart only', () => {
    expect(grouped(serverOf('a', { zone: 'x' }), serverOf('b', { zone: 'x' }))).toEqual([': a,b']);
    expect(grouped(serverOf('a', { priority: 1 }), serverOf('b'))).toEqual([
      'priority 0: b',
      'priority 1: a',
    ]);
    expect(grouped(serverOf('a', { zone: 'y' }), serverOf('b', { zone: 'x' }))).toEqual([
      'zone x: b',
      'zone y: a',
    ]);
  });
});

test('what stays in a zone is the sum over all priorities, and of no client without a zone', () => {
  const priorities = [
    { priority: 0, share: 0.7, localShare: 0.5 },
    { priority: 1, share: 0.3, localShare: 1 },
  ];
  expect(localShareOf({ zone: 'a', priorities })).toBeCloseTo(0.65);
  expect(localShareOf({ zone: undefined, priorities })).toBeUndefined();
  expect(localShareOf({ zone: 'a', priorities: [] })).toBeUndefined();
});

describe('the patterns', () => {
  const patterns = [
    patternOf('sum', { p99Ms: 8, errorsPerSecond: 2, errors: 2 }),
    patternOf('pay', { p99Ms: 50, errors: 3 }),
    patternOf('idle', { p99Ms: undefined }),
  ];
  const servers = [
    serverOf('a', { patterns: [patternOf('sum', { p99Ms: 5 }), patternOf('pay')] }),
    serverOf('b', { patterns: [patternOf('sum', { p99Ms: 9 }), patternOf('idle')] }),
  ];
  const rows = patternRows(page({ patterns, servers }));

  test('come with the server where they are slowest', () => {
    expect(rows.find(({ pattern }) => pattern === 'sum')?.slowestAt).toBe('b');
    expect(patternRows(page({ patterns, servers: [] }))[0]?.slowestAt).toBe('–');
  });

  test('the slowest come first, and those without calls not at all', () => {
    expect(slowest(rows, 5).map(({ pattern }) => pattern)).toEqual(['pay', 'sum']);
    expect(slowest(rows, 1)).toHaveLength(1);
  });

  test('those that fail now come before those that have failed', () => {
    expect(failing(rows, 5).map(({ pattern }) => pattern)).toEqual(['sum', 'pay']);
  });
});

describe('who calls', () => {
  const caller = (client: string, callsPerSecond: number, pending = 0) => ({
    ...clientOf(client),
    client,
    callsPerSecond,
    pending,
  });
  const servers = [
    serverOf('a', { callers: [caller('x', 5), caller('gone', 0)] }),
    serverOf('b', { state: 'suspect', callers: [caller('x', 1, 2), caller('y', 9)] }),
    serverOf('c'),
  ];

  test('are the clients of this process, if it has some', () => {
    expect(callersOf(page({ servers, clients: [clientOf('shop')] }))).toMatchObject([
      { name: 'shop' },
    ]);
  });

  test('else those that servers tell of, the busiest first, without those that are gone', () => {
    expect(callersOf(page({ servers }))).toEqual([
      {
        name: 'y',
        callsPerSecond: 9,
        pending: 0,
        links: [{ endpoint: 'tcp://127.0.0.1:b', state: 'suspect', callsPerSecond: 9 }],
      },
      {
        name: 'x',
        callsPerSecond: 6,
        pending: 2,
        links: [
          { endpoint: 'tcp://127.0.0.1:a', state: 'alive', callsPerSecond: 5 },
          { endpoint: 'tcp://127.0.0.1:b', state: 'suspect', callsPerSecond: 1 },
        ],
      },
    ]);
  });

  test('are named by the beginning of their id, if that is a UUID', () => {
    const id = '0f8f8c32-6d5a-435c-a8a3-410d5c2b9e11';
    const told = [serverOf('a', { callers: [caller(id, 1), caller('own-name', 2)] })];
    const names = callersOf(page({ servers: told })).map(({ name }) => name);
    expect(names).toEqual(['own-name', 'client 0f8f8c32']);
  });
});
