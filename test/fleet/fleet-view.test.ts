import { expect, test } from 'vitest';
import { EventLog } from '../../lib/fleet/event-log.js';
import { fleetSnapshot } from '../../lib/fleet/fleet-view.js';
import type { PatternTally } from '../../lib/fleet/pattern-tally.js';
import { type Flow, NO_FLOW } from '../../lib/fleet/rates.js';
import type { WatchedClient } from '../../lib/fleet/watched-client.js';
import type { WatchedServer } from '../../lib/fleet/watched-server.js';

const tally = (pattern: string, calls: number): PatternTally => ({
  pattern,
  calls,
  errors: 0,
  pending: 0,
  flow: NO_FLOW,
});

function serverAt(
  endpoint: string,
  reading: object | undefined,
  patterns: PatternTally[],
  stats: object = { state: 'alive' },
  flow: Flow = NO_FLOW,
) {
  const report = {
    reading,
    flow,
    patterns,
    callers: [],
    refusedPerSecond: 0,
    noStats: reading ? undefined : 'it offers none',
  };
  return { view: { endpoint, stats }, report } as unknown as WatchedServer;
}

function clientOf(endpoints: string[], patterns: PatternTally[], stats: object = {}) {
  const link = {
    stats: { state: 'alive', ...stats },
    flow: NO_FLOW,
    refusedPerSecond: 0,
    answeredErrorsPerSecond: 0,
  };
  const links = new Map(endpoints.map((endpoint) => [endpoint, link]));
  const own = { links, patterns, unanswered: [], unansweredPerSecond: 0, snapshot: () => ({}) };
  return own as unknown as WatchedClient;
}

test('patterns of servers that tell none are those of their clients, and no call counts twice', () => {
  const { patterns } = fleetSnapshot(
    {
      servers: [
        serverAt('tcp://a:1', {}, [tally('sum', 10)]),
        serverAt('tcp://b:1', undefined, []),
      ],
      clients: [
        clientOf(['tcp://a:1'], [tally('sum', 10)]),
        clientOf(['tcp://b:1', 'tcp://c:1'], [tally('pay', 3), tally('sum', 1)]),
      ],
      own: [],
    },
    new EventLog(),
    1000,
  );
  expect(patterns.map(({ pattern, calls }) => [pattern, calls])).toEqual([
    ['sum', 11],
    ['pay', 3],
  ]);
});

test('a server that is gone has no heartbeat: the last one says nothing of now', () => {
  const stats = { state: 'alive', heartbeatLatencyMs: 3 };
  const sources = { servers: [serverAt('tcp://a:1', {}, [], stats)], clients: [], own: [] };
  const seen = () => fleetSnapshot(sources, new EventLog(), 1000).servers[0];
  expect(seen()?.heartbeatMs).toBe(3);
  stats.state = 'dead';
  expect(seen()?.heartbeatMs).toBeUndefined();
});

test('a server says how long its rates are of, once it has any', () => {
  const told = (flow: Flow) => {
    const servers = [serverAt('tcp://a:1', {}, [], { state: 'alive' }, flow)];
    return fleetSnapshot({ servers, clients: [], own: [] }, new EventLog(), 1000).servers[0];
  };
  expect(told(NO_FLOW)?.ratesOverMs).toBeUndefined();
  expect(told({ ...NO_FLOW, overMs: 990 })?.ratesOverMs).toBe(990);
});

test('a server is where clients of this process are told that it is, and else where it says', () => {
  const says = { state: 'alive', zone: 'eu-1a', weight: 3, priority: 0, service: 'orders' };
  const told = { zone: 'eu-1b', weight: 2, priority: 1, name: 'orders.shop.svc' };
  const { servers } = fleetSnapshot(
    {
      servers: [serverAt('tcp://a:1', {}, [], says), serverAt('tcp://b:1', {}, [], says)],
      clients: [clientOf(['tcp://a:1', 'tcp://c:1'], [], told)],
      own: [],
    },
    new EventLog(),
    1000,
  );
  expect(
    servers.map(({ endpoint, name, service, zone, weight, priority }) =>
      [endpoint, name, service, zone, weight, priority].join(' '),
    ),
  ).toEqual([
    'tcp://a:1 orders.shop.svc orders eu-1b 2 1',
    'tcp://b:1  orders eu-1a 3 0',
    'tcp://c:1 orders.shop.svc  eu-1b 2 1',
  ]);
});
