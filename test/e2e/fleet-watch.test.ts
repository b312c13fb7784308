import { lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { FreelanceClientProxy } from '../../lib/nest/client/freelance-client-proxy.js';
import { FleetWatch, type FleetWatchOptions } from '../../lib/fleet/fleet-watch.js';
import type { FleetEvent, FleetSnapshot, ServerSnapshot } from '../../lib/fleet/snapshot.js';
import { eventually } from '../support/eventually.js';
import { FakeDiscovery } from '../support/fake-discovery.js';
import { FleetServer } from '../support/fleet.js';
import { connectTo } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

/** A watch, and all that it has told. */
class Watching implements Disposable {
  readonly snapshots: FleetSnapshot[] = [];
  readonly watch: FleetWatch;

  constructor(options: FleetWatchOptions) {
    this.watch = new FleetWatch({ intervalMs: 200, ...options });
    this.watch.start((snapshot) => void this.snapshots.push(snapshot));
  }

  get latest(): FleetSnapshot {
    const latest = this.snapshots.at(-1);
    if (!latest) throw new Error('there is no snapshot yet');
    return latest;
  }

  get events(): FleetEvent[] {
    return this.snapshots.flatMap(({ events }) => events);
  }

  server(endpoint: string): ServerSnapshot {
    const found = this.latest.servers.find((server) => server.endpoint === endpoint);
    if (!found) throw new Error(`${endpoint} is not in the snapshot`);
    return found;
  }

  [Symbol.dispose](): void {
    this.watch.stop();
  }
}

/** Calls each pattern again and again, one call after the other, until it is disposed of. */
function keepCalling(client: FreelanceClientProxy, ...patterns: readonly string[]): Disposable {
  let isOver = false;
  const call = (pattern: string) => {
    if (isOver) return;
    const next = () => void setImmediate(call, pattern);
    client.send<unknown>(pattern, 1).subscribe({ error: next, complete: next });
  };
  for (const pattern of patterns) call(pattern);
  return { [Symbol.dispose]: () => void (isOver = true) };
}

describe('a watch of servers in other processes', () => {
  test('tells what they count themselves, and not what it asks of them', async () => {
    await using one = await FleetServer.start({ serverId: 'one' });
    await using two = await FleetServer.start({ serverId: 'two' });
    using client = connectTo([one.endpoint]);
    using watching = new Watching({ endpoints: [one.endpoint, two.endpoint] });
    {
      using _ = keepCalling(client, 'work', 'fail');
      await eventually(() => {
        const { callsPerSecond, errorsPerSecond, p50Ms, ...rest } = watching.server(one.endpoint);
        expect(rest).toMatchObject({ id: 'one', state: 'alive', noStats: undefined });
        expect(errorsPerSecond).toBeGreaterThan(0);
        expect(callsPerSecond).toBeGreaterThan(errorsPerSecond);
        expect(p50Ms).toBeGreaterThan(0);
        expect(rest.heartbeatMs).toBeGreaterThan(0);
      });
    }
    // A watch of its own counts as a client; the questions do not count as calls.
    await eventually(() => expect(watching.server(two.endpoint).clients).toBe(1));
    expect(watching.server(two.endpoint)).toMatchObject({
      id: 'two',
      callsPerSecond: 0,
      patterns: [],
    });
    await eventually(() => expect(watching.latest.totals.callsPerSecond).toBe(0));
    const { patterns } = watching.latest;
    expect(patterns.map(({ pattern }) => pattern).toSorted()).toEqual(['fail', 'work']);
    const failing = patterns.find(({ pattern }) => pattern === 'fail');
    expect(failing?.errors).toBe(failing?.calls);
  });

  test('tells soon of one that is killed, and of the one that takes its place', async () => {
    const bind = await freeEndpoint();
    await using lasting = await FleetServer.start({ serverId: 'lasting' });
    await using first = await FleetServer.start({ bind, serverId: 'first' });
    using client = connectTo([bind]);
    // Too long for the next snapshot in its turn to tell.
    using watching = new Watching({ endpoints: [lasting.endpoint, bind], intervalMs: 1000 });
    using _ = keepCalling(client, 'work');
    await eventually(() => expect(watching.server(bind).callsPerSecond).toBeGreaterThan(0));
    await first.child.kill();
    await eventually(() => expect(watching.server(bind).state).toBe('dead'));
    expect(watching.server(bind)).toMatchObject({
      callsPerSecond: 0,
      p50Ms: undefined,
      noStats: 'it is not reachable',
      patterns: [],
    });
    expect(watching.server(lasting.endpoint).state).toBe('alive');
    await using second = await FleetServer.start({ bind, serverId: 'second' });
    await eventually(() => {
      const { id, state, callsPerSecond } = watching.server(second.endpoint);
      expect({ id, state }).toEqual({ id: 'second', state: 'alive' });
      expect(callsPerSecond).toBeGreaterThan(0);
    });
    for (const { servers, totals } of watching.snapshots) {
      for (const rates of [totals, ...servers]) {
        expect(rates.callsPerSecond).toBeGreaterThanOrEqual(0);
        expect(rates.errorsPerSecond).toBeGreaterThanOrEqual(0);
      }
    }
    const told = watching.events.filter(({ endpoint }) => endpoint === bind);
    expect(told.map(({ kind, serverId }) => `${kind} ${serverId}`)).toEqual([
      'up first',
      'down first',
      'up second',
    ]);
  });

  test('goes on for the others while one hangs, whose numbers stay, marked', async () => {
    await using hung = await FleetServer.start({ serverId: 'hung' });
    await using lasting = await FleetServer.start({ serverId: 'lasting' });
    using client = connectTo([hung.endpoint]);
    await lastValueFrom(client.send('work', 0));
    using watching = new Watching({
      endpoints: [hung.endpoint, lasting.endpoint],
      heartbeatInterval: 2000,
      heartbeatTimeout: 60_000,
    });
    await eventually(() => expect(watching.server(hung.endpoint).patterns).toHaveLength(1));
    hung.child.signal('SIGSTOP');
    await eventually(() => expect(watching.server(hung.endpoint).staleMs).toBeGreaterThan(400));
    const { length } = watching.snapshots;
    await eventually(() => {
      expect(watching.snapshots.length).toBeGreaterThan(length + 3);
      expect(watching.server(lasting.endpoint).staleMs).toBeUndefined();
    });
    expect(watching.server(hung.endpoint)).toMatchObject({
      patterns: [{ pattern: 'work', calls: 1 }],
      noStats: undefined,
    });
    hung.child.signal('SIGCONT');
    await eventually(() => expect(watching.server(hung.endpoint).staleMs).toBeUndefined());
  });

  test('says why there are no statistics of a server whose introspection is off, and asks it once', async () => {
    await using server = await FleetServer.start({ serverId: 'shy', introspection: false });
    using watching = new Watching({ endpoints: [server.endpoint] });
    await eventually(() =>
      expect(watching.server(server.endpoint)).toMatchObject({
        id: 'shy',
        state: 'alive',
        noStats: 'it offers none: its option introspection is off',
      }),
    );
    expect(watching.events).toMatchObject([{ kind: 'up', serverId: 'shy' }]);
  });

  test('starts although nobody is there, and sees who comes', async () => {
    const bind = await freeEndpoint();
    using watching = new Watching({ endpoints: [bind] });
    await eventually(() => expect(watching.server(bind).state).toBe('dead'));
    await using _ = await FleetServer.start({ bind, serverId: 'late' });
    await eventually(() =>
      expect(watching.server(bind)).toMatchObject({ state: 'alive', noStats: undefined }),
    );
  });

  test('tells nothing more once it is stopped, leaves nothing open, and may be started again', async () => {
    await using server = await FleetServer.start({ serverId: 'one' });
    const snapshots: FleetSnapshot[] = [];
    const watch = new FleetWatch({ endpoints: [server.endpoint], intervalMs: 100 });
    // Only sockets: whoever waits has timers.
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));
    const before = sockets().length;
    for (let round = 1; round <= 2; round++) {
      watch.start((snapshot) => void snapshots.push(snapshot));
      expect(() => watch.start(() => undefined)).toThrow('has been started');
      await eventually(() =>
        expect(snapshots.at(-1)?.servers).toMatchObject([{ state: 'alive', noStats: undefined }]),
      );
      watch.stop();
      watch.stop();
      snapshots.length = 0;
      await eventually(() => expect(sockets().length).toBeLessThanOrEqual(before));
      expect(snapshots).toEqual([]);
    }
  });
});

describe('a watch of clients of this process', () => {
  test('tells what they do at which server, and servers that only they know', async () => {
    await using one = await FleetServer.start({ serverId: 'one' });
    await using two = await FleetServer.start({ serverId: 'two' });
    using client = connectTo([one.endpoint, two.endpoint]);
    using watching = new Watching({ clients: [{ name: 'inventory', client }] });
    using _ = keepCalling(client, 'work');
    await eventually(() => {
      const [inventory] = watching.latest.clients;
      expect(inventory).toMatchObject({ name: 'inventory', patterns: [{ pattern: 'work' }] });
      expect(inventory?.links).toHaveLength(2);
      for (const link of inventory?.links ?? []) expect(link.callsPerSecond).toBeGreaterThan(0);
      expect(inventory?.p99Ms).toBeGreaterThan(0);
    });
    const { totals, patterns } = watching.latest;
    expect(totals.callsPerSecond).toBeGreaterThan(0);
    expect(patterns).toMatchObject([{ pattern: 'work' }]);
    expect(watching.server(two.endpoint)).toMatchObject({
      id: 'two',
      state: 'alive',
      noStats: 'only clients of this process watch it',
    });
    client.removeEndpoint(two.endpoint);
    await eventually(() => expect(watching.latest.servers.map(({ id }) => id)).toEqual(['one']));
  });

  test('tells of calls that a killed server lost to others, together', async () => {
    await using doomed = await FleetServer.start({ serverId: 'doomed' });
    await using lasting = await FleetServer.start({ serverId: 'lasting' });
    using client = connectTo([doomed.endpoint, lasting.endpoint], { balancer: 'round-robin' });
    using other = connectTo([doomed.endpoint, lasting.endpoint], { balancer: 'round-robin' });
    await Promise.all([client.connect(), other.connect()]);
    using watching = new Watching({ clients: [{ name: 'inventory', client }] });
    await eventually(() => {
      expect(watching.server(doomed.endpoint).state).toBe('alive');
      expect(watching.server(lasting.endpoint).state).toBe('alive');
    });
    const calls = [client, client, client, client, other, other].map((each) =>
      lastValueFrom(each.send<number>('work', 500)),
    );
    await eventually(() => expect(client.stats().endpoints[doomed.endpoint]?.pending).toBe(2));
    await doomed.child.kill();
    await Promise.all(calls);
    await eventually(() =>
      expect(watching.events.filter(({ kind }) => kind === 'failover')).toHaveLength(1),
    );
    expect(watching.events.find(({ kind }) => kind === 'failover')).toMatchObject({
      endpoint: doomed.endpoint,
      serverId: 'doomed',
      text: expect.stringMatching(/^lost 2 calls of inventory to other servers: ./u),
    });
  });

  test('leaves no listener at a client once it is stopped', async () => {
    await using one = await FleetServer.start({ serverId: 'one' });
    using client = connectTo([one.endpoint]);
    const watch = new FleetWatch({ clients: [{ name: 'inventory', client }], intervalMs: 100 });
    const snapshots: FleetSnapshot[] = [];
    watch.start((snapshot) => void snapshots.push(snapshot));
    watch.stop();
    await client.connect();
    await lastValueFrom(client.send('work', 300));
    expect(snapshots).toEqual([]);
  });
});

describe('a watch of a client with a discovery', () => {
  test('tells what it has found, where that is, and what it finds no more', async () => {
    await using one = await FleetServer.start({ serverId: 'one', zone: 'a' });
    await using two = await FleetServer.start({ serverId: 'two' });
    const discovery = new FakeDiscovery();
    using client = connectTo(discovery, { zone: 'a' });
    using watching = new Watching({ clients: [{ name: 'shop', client }] });
    const connecting = client.connect();
    const first = { endpoint: one.endpoint, name: 'orders' };
    discovery.names([first, { endpoint: two.endpoint, zone: 'b', weight: 2 }]);
    await connecting;
    await eventually(() => {
      expect(watching.server(one.endpoint)).toMatchObject({ name: 'orders', zone: 'a', weight: 1 });
      expect(watching.server(two.endpoint)).toMatchObject({ zone: 'b', weight: 2, priority: 0 });
      expect(watching.latest.clients).toMatchObject([
        {
          zone: 'a',
          discovery: { name: 'fake', servers: 2, isFailing: false },
          priorities: [{ priority: 0, share: 1, localShare: 1 }],
        },
      ]);
    });
    discovery.names([first]);
    await eventually(() =>
      expect(watching.events).toContainEqual(
        expect.objectContaining({
          kind: 'removed',
          endpoint: two.endpoint,
          text: 'was removed by discovery: fake',
        }),
      ),
    );
    expect(watching.events.filter(({ kind }) => kind === 'added')).toHaveLength(2);
  });
});
