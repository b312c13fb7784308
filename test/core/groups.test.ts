import { describe, expect, test } from 'vitest';
import type { Balancer } from '../../lib/core/balancer.js';
import { roundRobin } from '../../lib/core/balancers/round-robin.js';
import { Groups, type Spares } from '../../lib/core/groups.js';
import { Member } from '../../lib/core/member.js';
import { Pool } from '../../lib/core/pool.js';
import type { ServerTarget } from '../../lib/core/server-target.js';
import { healths } from '../support/healths.js';
import { seededRandom } from '../support/random.js';

type Given = Partial<ServerTarget> & { state?: keyof typeof healths; load?: number };

const CALLS = 10_000;

class World {
  readonly pool: Pool<Member>;
  readonly members: Member[];

  constructor(zone: string | undefined, servers: Record<string, Given>) {
    this.pool = new Pool<Member>(roundRobin(), seededRandom(7), zone);
    this.members = Object.entries(servers).map(
      ([endpoint, { state = 'alive', load = 0, ...target }]) => {
        const member = new Member(endpoint, healths[state]);
        member.target = { endpoint, ...target };
        member.load = load;
        this.pool.add(member);
        return member;
      },
    );
  }

  member(endpoint: string): Member {
    const member = this.pool.get(endpoint);
    if (!member) throw new Error(`there is no ${endpoint}`);
    return member;
  }

  become(endpoint: string, state: keyof typeof healths): void {
    this.member(endpoint).health = healths[state];
    this.pool.healthChanged();
  }

  /** The share of the calls that each server gets, in percent. */
  shares(now = 0, balancer?: Balancer): Record<string, number> {
    return this.#sharesBy(({ endpoint }) => endpoint, now, balancer);
  }

  /** The same by the first letter of the endpoint. */
  groups(now = 0, balancer?: Balancer): Record<string, number> {
    return this.#sharesBy(({ endpoint }) => endpoint.slice(0, 1), now, balancer);
  }

  #sharesBy(key: (member: Member) => string, now: number, balancer?: Balancer) {
    const counts = Object.fromEntries(this.members.map((member) => [key(member), 0]));
    for (let n = 0; n < CALLS; n++) {
      const picked = this.pool.pick(undefined, now, balancer);
      if (picked) counts[key(picked)] = (counts[key(picked)] ?? 0) + 1;
    }
    return Object.fromEntries(
      Object.entries(counts).map(([name, count]) => [name, Math.round((100 * count) / CALLS)]),
    );
  }
}

const zone = (name: string, ...others: Given[]) => {
  const servers: Record<string, Given> = {};
  for (const n of [1, 2, 3, 4]) servers[`${name}${n}`] = { zone: name, ...others[n - 1] };
  return servers;
};

describe('zones', () => {
  test('calls stay in the zone of the client', () => {
    expect(new World('a', { ...zone('a'), ...zone('b') }).groups()).toEqual({ a: 100, b: 0 });
  });

  test('without a zone of its own, a client uses all', () => {
    const { a = 0, b = 0 } = new World(undefined, { ...zone('a'), ...zone('b') }).groups();
    expect([a, b]).toEqual([50, 50]);
  });

  test('a client whose zone has no servers uses all', () => {
    expect(new World('c', { ...zone('a'), ...zone('b') }).groups()).toEqual({ a: 50, b: 50 });
  });

  test('one lost server of four is what overprovisioning is for; of two lost ones, a part spills over', () => {
    const world = new World('a', { ...zone('a'), ...zone('b') });
    world.become('a1', 'dead');
    expect(world.groups(1000)['b']).toBe(0);
    world.become('a2', 'dead');
    expect(world.groups(2000)['b']).toBeCloseTo(30, -1);
    world.become('a3', 'dead');
    world.become('a4', 'dead');
    expect(world.groups(3000)).toEqual({ a: 0, b: 100 });
    world.become('a1', 'alive');
    for (const n of [2, 3, 4]) world.become(`a${n}`, 'alive');
    expect(world.groups(4000)).toEqual({ a: 100, b: 0 });
  });

  test('servers that connect, or drain, do not count as lost', () => {
    const world = new World('a', { ...zone('a'), ...zone('b') });
    world.become('a1', 'connecting');
    world.become('a2', 'draining');
    world.become('a3', 'draining');
    expect(world.groups(1000)).toEqual({ a: 100, b: 0 });
  });

  test('nor do those that have drained and left, while they are still named', () => {
    const world = new World('a', { ...zone('a'), ...zone('b') });
    for (const n of [1, 2, 3]) world.become(`a${n}`, 'left');
    expect(world.groups(1000)).toEqual({ a: 100, b: 0 });
    world.become('a4', 'left');
    expect(world.groups(2000)).toEqual({ a: 0, b: 100 });
  });

  test('a zone that says it is full gives away what it cannot take, unless the others are as full', () => {
    const loaded = { load: 0.9 };
    const full = [loaded, loaded, loaded, loaded];
    const world = new World('a', { ...zone('a', ...full), ...zone('b') });
    expect(world.groups()['a']).toBeCloseTo(35, -1);
    const both = new World('a', { ...zone('a', ...full), ...zone('b', ...full) });
    expect(both.groups()['a']).toBeCloseTo(50, -1);
  });

  test('a server that has just recovered counts by its share: the zone does not send it all calls at once', () => {
    const world = new World('a', { a1: { zone: 'a' }, ...zone('b') });
    world.pool.recovered(world.member('a1'), 1000);
    expect(world.shares(1000)['a1']).toBeLessThan(20);
    expect(world.shares(20_000)['a1']).toBe(100);
  });

  test('a zone of failing servers does not keep its calls, also in a panic', () => {
    const world = new World('a', {
      a1: { zone: 'a', state: 'failing' },
      a2: { zone: 'a', state: 'failing' },
      a3: { zone: 'a', state: 'dead' },
      b1: { zone: 'b' },
    });
    expect(world.shares()).toEqual({ a1: 33, a2: 33, a3: 0, b1: 33 });
    expect(world.pool.panics).toBe(CALLS);
    world.become('a3', 'alive');
    expect(world.shares(1000)).toMatchObject({ a1: 0, a2: 0 });
    expect(world.shares(1000)['a3']).toBeCloseTo(47, -1);
  });

  test('if nobody in the zone has room, the call goes elsewhere', () => {
    const world = new World('a', { a1: { zone: 'a' }, b1: { zone: 'b' } });
    Object.assign(world.member('a1'), { capacity: 1, pending: 1 });
    expect(world.shares()).toEqual({ a1: 0, b1: 100 });
  });

  test('what the server says of itself counts if its list or discovery says nothing', () => {
    const world = new World('a', { x: {}, b1: { zone: 'b' } });
    world.member('x').says = { zone: 'a', weight: undefined };
    world.pool.healthChanged();
    expect(world.shares()).toEqual({ x: 100, b1: 0 });
    world.member('b1').says = { zone: 'a', weight: undefined };
    world.pool.healthChanged();
    expect(world.shares()).toEqual({ x: 100, b1: 0 });
  });

  test('a balancer that is given, as for a routing key, sees all zones', () => {
    const world = new World('a', { ...zone('a'), ...zone('b') });
    expect(world.groups(0, roundRobin())).toEqual({ a: 50, b: 50 });
  });
});

describe('priorities', () => {
  const two = () =>
    new World(undefined, {
      ...zone('a'),
      ...zone('b', { priority: 1 }, { priority: 1 }, { priority: 1 }, { priority: 1 }),
    });

  test('the next one is used only as far as the first is not healthy', () => {
    const world = two();
    expect(world.groups()).toEqual({ a: 100, b: 0 });
    world.become('a1', 'dead');
    expect(world.groups(1000)).toEqual({ a: 100, b: 0 });
    world.become('a2', 'dead');
    expect(world.groups(2000)['b']).toBeCloseTo(30, -1);
    for (const n of [3, 4]) world.become(`a${n}`, 'dead');
    expect(world.groups(3000)).toEqual({ a: 0, b: 100 });
  });

  test.each(['draining', 'left'] as const)('those that are %s are not missed there', (state) => {
    const world = two();
    for (const n of [1, 2, 3]) world.become(`a${n}`, state);
    expect(world.groups(1000)).toEqual({ a: 100, b: 0 });
    world.become('a4', state);
    expect(world.groups(2000)).toEqual({ a: 0, b: 100 });
    // One of them is back, and is lost: of two that are named to stay, half.
    world.become('a3', 'alive');
    world.become('a4', 'dead');
    expect(world.groups(3000)['b']).toBeCloseTo(30, -1);
  });

  test('what the servers that stay have no room for goes to the next one', () => {
    const world = two();
    for (const n of [1, 2, 3]) world.become(`a${n}`, 'left');
    Object.assign(world.member('a4'), { capacity: 1, pending: 1 });
    expect(world.groups()).toEqual({ a: 0, b: 100 });
  });

  test('load makes no difference to them', () => {
    const world = two();
    for (const member of world.members) member.load = member.priority === 0 ? 1 : 0;
    expect(world.groups()).toEqual({ a: 100, b: 0 });
  });

  test('healthy servers of a lower rank go before suspect ones of a higher', () => {
    const world = new World(undefined, { a: { state: 'silent' }, b: { priority: 5 } });
    expect(world.shares()).toEqual({ a: 0, b: 100 });
  });

  test('failing servers get no calls while those of another priority can take them', () => {
    const world = new World(undefined, {
      a1: { state: 'failing' },
      a2: { state: 'failing' },
      a3: { state: 'dead' },
      b: { priority: 1 },
    });
    expect(world.groups()).toEqual({ a: 0, b: 100 });
    expect(world.pool.panics).toBe(0);
    world.become('b', 'dead');
    expect(world.groups(1000)).toEqual({ a: 100, b: 0 });
    expect(world.pool.panics).toBe(CALLS);
  });

  test('leave nothing once no server has them: a discovery may name ever others', () => {
    const grouped = (priority: number, before: Spares) => {
      const members = [0, priority].map((own, place) => {
        const member = new Member(`${place}`, healths.alive);
        member.target = { endpoint: `${place}`, priority: own };
        return member;
      });
      return new Groups(members, () => true, undefined, before).spares;
    };
    const first = grouped(1, new Map());
    const next = grouped(2, first);
    expect([...next.keys()]).toEqual([0, 2]);
    expect(next.get(0)).toBe(first.get(0));
  });

  test('are told', () => {
    const world = two();
    expect(world.pool.shares(0)).toEqual([
      { priority: 0, share: 1, localShare: 1 },
      { priority: 1, share: 0, localShare: 1 },
    ]);
    expect(new World(undefined, zone('a')).pool.shares(0)).toEqual([]);
  });
});
