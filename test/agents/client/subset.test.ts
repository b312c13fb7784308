import { describe, expect, test } from 'vitest';
import { NARROW_AFTER_MS } from '../../../lib/agents/client/server-set.js';
import { callRequest, ClientBench, ObservedCall } from '../../support/client-bench.js';

const ALL = Array.from({ length: 8 }, (_, n) => `tcp://10.0.0.${n + 1}:5555`);

/** A client that watches three of eight servers. */
class SubsetBench extends ClientBench {
  constructor(endpoints = ALL) {
    super({ endpoints, subset: { size: 3, index: 0 } });
  }

  get watched(): string[] {
    return Object.keys(this.agent.stats().endpoints);
  }

  /** Those who are watched, and were not then. */
  since(before: readonly string[]): string[] {
    return this.watched.filter((endpoint) => !before.includes(endpoint));
  }

  lose(...endpoints: string[]): void {
    for (const endpoint of endpoints) this.server(endpoint).lost();
  }

  /** Lets time pass in which all that are watched answer, but for these. */
  live(ms: number, dead: readonly string[] = []): void {
    this.beat(ms, ...this.watched.filter((endpoint) => !dead.includes(endpoint)));
  }
}

const upBench = () => {
  const bench = new SubsetBench();
  const home = bench.watched;
  bench.up(...home);
  return { bench, home };
};

/** Two that are known to be there. */
function two(endpoints: readonly string[]): [string, string] {
  const [first, second] = endpoints;
  if (first === undefined || second === undefined) throw new Error('there are not two');
  return [first, second];
}

test('a client connects to its subset only, and tells of the others that it does not watch them', () => {
  const { bench, home } = upBench();
  expect(home).toHaveLength(3);
  expect(new Set(bench.sockets.connections.map(({ endpoint }) => endpoint))).toEqual(new Set(home));
  const { unwatched } = bench.agent.stats();
  expect(new Set([...home, ...unwatched])).toEqual(new Set(ALL));
  expect(unwatched).toHaveLength(5);
});

test('without the option, all are watched', () => {
  const bench = new ClientBench({ endpoints: ALL });
  expect(Object.keys(bench.agent.stats().endpoints)).toEqual(ALL);
  expect(bench.agent.stats().unwatched).toEqual([]);
});

describe('a server of the subset that dies', () => {
  test('has another one in its place, and is probed on', () => {
    const { bench, home } = upBench();
    const [dead] = two(home);
    bench.lose(dead);
    const [next] = bench.since(home);
    expect(bench.watched).toEqual([...home, next]);
    bench.up(next ?? '');
    const attempts = bench.sockets.connections.length;
    bench.live(1000, [dead]);
    expect(bench.sockets.connections.length).toBeGreaterThan(attempts);
  });

  test('takes its place again, but not before it has its share of the calls', () => {
    const { bench, home } = upBench();
    const [dead] = two(home);
    bench.lose(dead);
    const [next = ''] = bench.since(home);
    bench.up(next);
    bench.live(200, [dead]);
    bench.up(dead);
    bench.live(NARROW_AFTER_MS - 100);
    expect(bench.watched).toContain(next);
    bench.live(200);
    expect(bench.watched).toEqual(home);
    expect(bench.sockets.to(next).isClosed).toBe(true);
    expect(bench.server(next).told()).toContainEqual({ type: 'goodbye' });
  });

  test('comes and goes without taking others along', () => {
    const { bench, home } = upBench();
    const [dead] = two(home);
    bench.lose(dead);
    const [next = ''] = bench.since(home);
    bench.up(next);
    for (let round = 0; round < 5; round++) {
      bench.live(1000, [dead]);
      bench.up(dead);
      bench.live(0.8 * NARROW_AFTER_MS);
      bench.lose(dead);
    }
    expect(bench.watched).toEqual([...home, next]);
    expect(bench.sockets.connections.filter(({ endpoint }) => endpoint === next)).toHaveLength(1);
  });

  test('leaves calls at its stand-in alone when that is no longer watched', () => {
    const { bench, home } = upBench();
    bench.lose(...home);
    const [next, other] = two(bench.since(home));
    bench.up(next);
    const call = bench.call({ requestTimeout: 60_000 });
    const [request] = bench.server(next).requests();
    bench.live(300, [...home, other]);
    bench.up(...home);
    bench.live(NARROW_AFTER_MS + 200);
    expect(bench.watched).toEqual(home);
    expect(bench.sockets.to(next).isClosed).toBe(false);
    if (request) bench.server(next).reply(request, 'done');
    expect(call.values).toEqual(['done']);
    expect(bench.sockets.to(next).isClosed).toBe(true);
  });
});

test.each([
  ['is about to leave', { state: 'draining' }],
  ['is not ready', { state: 'unready' }],
] as const)('a server that %s has another one in its place', (_what, hello) => {
  const { bench, home } = upBench();
  const [leaving] = two(home);
  bench.clock.advance(1000);
  bench.server(leaving).pong('negotiated', hello);
  expect(bench.since(home)).toHaveLength(1);
});

describe('while none of the subset lives', () => {
  test('all servers are watched, so that a call finds one while any lives', () => {
    const { bench, home } = upBench();
    const call = bench.call();
    bench.lose(...home);
    expect(bench.watched).toHaveLength(8);
    const last = bench.watched.at(-1) ?? '';
    bench.up(last);
    const [request] = bench.server(last).requests();
    if (request) bench.server(last).reply(request, 'found');
    expect(call.values).toEqual(['found']);
  });

  test('also where they never answered: after heartbeatTimeout, before a call gives up', () => {
    const bench = new SubsetBench();
    const call = bench.call();
    bench.clock.advance(3001);
    const last = bench.watched.at(-1) ?? '';
    expect(bench.watched).toHaveLength(8);
    bench.up(last);
    expect(bench.server(last).requests()).toHaveLength(1);
    expect(call.ends).toEqual([]);
  });

  test('afterwards as few are watched as before', () => {
    const { bench, home } = upBench();
    bench.lose(...home);
    bench.up(...bench.since(home));
    bench.live(500, home);
    bench.up(...home);
    bench.live(NARROW_AFTER_MS + 200);
    expect(bench.watched).toEqual(home);
  });
});

describe('servers that are added and removed', () => {
  test('one of the subset has another one in its place at once', () => {
    const { bench, home } = upBench();
    const [gone] = two(home);
    bench.remove(gone);
    expect(bench.watched).toHaveLength(3);
    expect(bench.since(home)).toHaveLength(1);
    expect(bench.agent.stats().unwatched).not.toContain(gone);
  });

  test('one that is not watched is forgotten without a word', () => {
    const { bench, home } = upBench();
    const [gone] = two(bench.agent.stats().unwatched);
    bench.remove(gone);
    expect(bench.watched).toEqual(home);
    expect(bench.agent.stats().unwatched).toHaveLength(4);
  });

  test('an added one takes the place of one that serves until it has settled', () => {
    const others = ALL.filter(
      (endpoint) => !new SubsetBench().watched.slice(0, 1).includes(endpoint),
    );
    const bench = new SubsetBench(others);
    const before = bench.watched;
    bench.up(...before);
    const first = ALL.find((endpoint) => !others.includes(endpoint)) ?? '';
    bench.add(first);
    expect(bench.watched).toEqual([...before, first]);
    bench.up(first);
    bench.live(NARROW_AFTER_MS + 200);
    expect(bench.watched).toHaveLength(3);
    expect(bench.watched).toContain(first);
    expect(bench.agent.stats().unwatched).toHaveLength(5);
  });

  test('a listener that closes the client on hearing of a loss ends the matter', () => {
    const { bench, home } = upBench();
    bench.whenChanged = () => bench.agent.close();
    bench.lose(...home);
    expect(bench.sockets.connections.every(({ isClosed }) => isClosed)).toBe(true);
    bench.clock.advance(60_000);
    expect(bench.sockets.connections).toHaveLength(4);
  });
});

describe('what is for all servers is refused, saying what to do', () => {
  test('routing keys', () => {
    const { bench } = upBench();
    const call = bench.call({ routingKey: 'user-42' });
    expect(call.code).toBe('BAD_OPTIONS');
    expect(String(call.ends[0])).toContain(
      'setRoutingKey() needs a client that watches every server',
    );
    expect(bench.agent.stats().pending).toBe(0);
  });

  test('broadcasts', () => {
    const { bench } = upBench();
    const observed = new ObservedCall();
    bench.agent.broadcast(callRequest(), {
      next: () => {},
      done: () => {},
      error: (error) => observed.error(error),
    });
    expect(observed.code).toBe('BAD_OPTIONS');
    expect(String(observed.ends[0])).toContain('setBroadcast() needs a client');
  });
});

test('of a client with a zone, most of the watched servers are of that zone, as its discovery says now', () => {
  const zoned = (zoneOf: (place: number) => string) =>
    ALL.map((endpoint, place) => ({ endpoint, zone: zoneOf(place) }));
  const bench = new ClientBench({
    endpoints: ALL,
    subset: { size: 4, index: undefined },
    zone: 'here',
  });
  const watched = () => Object.keys(bench.agent.stats().endpoints);
  const first = new Set(ALL.slice(0, 4));
  bench.agent.replaceServers(zoned((place) => (place < 4 ? 'here' : 'there')));
  bench.up(...watched());
  bench.beat(NARROW_AFTER_MS + 1000, ...watched());
  expect(watched()).toHaveLength(4);
  expect(watched().filter((endpoint) => first.has(endpoint))).toHaveLength(3);
  bench.agent.replaceServers(zoned((place) => (place < 4 ? 'there' : 'here')));
  bench.up(...watched());
  bench.beat(NARROW_AFTER_MS + 1000, ...watched());
  expect(watched()).toHaveLength(4);
  expect(watched().filter((endpoint) => first.has(endpoint))).toHaveLength(1);
});
