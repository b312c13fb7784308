import { describe, expect, test } from 'vitest';
import { pageSnapshot } from '../../lib/dashboard/page-snapshot.js';
import { clientOf, eventOf, linkOf, patternOf, serverOf, snapshotOf } from './fake-fleet.js';

const many = <T>(count: number, make: (n: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n));

const DISCOVERY = {
  name: 'dns orders',
  servers: 3,
  lastSetMs: 1,
  lastChangeMs: 1,
  lastErrorMs: undefined,
  lastError: undefined,
  isFailing: false,
};

describe('pageSnapshot', () => {
  test('leaves a usual fleet as it is', () => {
    const snapshot = snapshotOf(1000, {
      servers: [serverOf('a'), serverOf('b', { state: 'dead', id: undefined })],
      clients: [clientOf('shop', { zone: 'eu-1a', discovery: DISCOVERY })],
      events: [eventOf()],
    });
    expect(pageSnapshot(snapshot)).toEqual({
      ...snapshot,
      left: { servers: 0, clients: 0, events: 0 },
    });
  });

  test('rounds to four digits', () => {
    const servers = [serverOf('a', { callsPerSecond: 1234.5678, p99Ms: 0.123456 })];
    expect(pageSnapshot(snapshotOf(1, { servers })).servers[0]).toMatchObject({
      callsPerSecond: 1235,
      p99Ms: 0.1235,
    });
  });

  test('says how much it leaves out, and keeps the newest events', () => {
    const { servers, clients, events, left } = pageSnapshot(
      snapshotOf(1, {
        servers: many(300, (n) => serverOf(`s${n}`)),
        clients: many(60, (n) => clientOf(`c${n}`)),
        events: many(150, (n) => eventOf({ at: n })),
      }),
    );
    expect([servers.length, clients.length, events.length]).toEqual([200, 50, 100]);
    expect(left).toEqual({ servers: 100, clients: 10, events: 50 });
    expect(events.at(-1)?.at).toBe(149);
  });

  test('of many patterns it keeps those that fail and those that are slow', () => {
    const patterns = [
      ...many(150, (n) => patternOf(`busy${n}`, { callsPerSecond: 1000 + n })),
      patternOf('failing', { callsPerSecond: 1, errorsPerSecond: 1 }),
      patternOf('slow', { callsPerSecond: 1, p99Ms: 5000 }),
    ];
    const page = pageSnapshot(snapshotOf(1, { servers: [serverOf('a', { patterns })] }));
    const names = page.servers[0]?.patterns.map(({ pattern }) => pattern);
    expect(names).toHaveLength(20);
    expect(names).toEqual(expect.arrayContaining(['failing', 'slow', 'busy149']));
  });

  test('has a bound for its bytes, whatever peers call themselves and their patterns', () => {
    const long = '\u{1F9D1}'.repeat(30_000);
    const patterns = many(200, (n) => patternOf(`${long}${n}`));
    const page = pageSnapshot(
      snapshotOf(1, {
        servers: many(1000, () =>
          serverOf(long, {
            reason: long,
            noStats: long,
            name: long,
            service: long,
            zone: long,
            patterns,
          }),
        ),
        clients: many(100, () =>
          clientOf(long, {
            patterns,
            zone: long,
            priorities: many(1000, (priority) => ({ priority, share: 1 / 3, localShare: 1 / 3 })),
            discovery: { ...DISCOVERY, name: long, lastError: long },
            links: many(1000, () => linkOf(long)),
          }),
        ),
        events: many(1000, () => eventOf({ text: long, endpoint: long, serverId: long })),
      }),
    );
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(3 * 2 ** 20);
  });
});
