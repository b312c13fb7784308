import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Subset, type SubsetPolicy } from '../../lib/core/subset.js';
import { seededRandom } from '../support/random.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(17);

const address = (n: number) => `tcp://10.0.${n >> 8}.${n & 255}:5555`;
const addresses = (count: number) => Array.from({ length: count }, (_, n) => address(n));
const none = () => false;

const subsetOf = (
  endpoints: readonly string[],
  policy: SubsetPolicy | undefined,
  random = seededRandom(1),
) => {
  const subset = new Subset(policy, random);
  for (const endpoint of endpoints) subset.add(endpoint);
  return subset;
};

const policies = fc.record({
  size: fc.integer({ min: 1, max: 12 }),
  index: fc.option(fc.nat(5000), { nil: undefined }),
});
const pools = fc.uniqueArray(fc.nat(400).map(address), { minLength: 1, maxLength: 40 });

/** How many of these clients watch each server. */
function watchers(clients: readonly (readonly string[])[], endpoints: readonly string[]): number[] {
  const counts = new Map(endpoints.map((endpoint) => [endpoint, 0]));
  for (const endpoint of clients.flat()) counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
  return [...counts.values()];
}

test('all servers are watched, in order, without a policy or with fewer servers than it asks for', () => {
  const endpoints = addresses(5).toReversed();
  expect(subsetOf(endpoints, undefined).wanted(none, true)).toEqual(endpoints);
  expect(subsetOf(endpoints, { size: 5, index: 3 }).wanted(none, true)).toEqual(endpoints);
});

test("the policy's number of servers is watched, in whatever order they became known", () => {
  fc.assert(
    fc.property(policies, pools, (policy, endpoints) => {
      const wanted = subsetOf(endpoints, policy).wanted(none, true);
      expect(new Set(wanted).size).toBe(Math.min(policy.size, endpoints.length));
      const again = subsetOf(endpoints.toReversed(), policy).wanted(none, true);
      expect(new Set(again)).toEqual(new Set(wanted));
    }),
  );
});

test('a subset of all servers is one whatever becomes of them', () => {
  fc.assert(
    fc.property(policies, pools, fc.func(fc.boolean()), (policy, endpoints, isLost) => {
      const subset = subsetOf(endpoints, policy);
      const isAll = subset.wanted(none, true).length === endpoints.length;
      expect(subset.isAll).toBe(isAll);
      for (const isUsable of [true, false])
        expect(!isAll || subset.wanted(isLost, isUsable).length === endpoints.length).toBe(true);
    }),
  );
});

/** How many servers of a subset change with one that comes. A numbered client's arc of the ring may move, too. */
const mostChanges = ({ index }: SubsetPolicy) => (index === undefined ? 1 : 2);

test('an added server changes one server of a subset, or two of a numbered one, and its removal undoes that', () => {
  fc.assert(
    fc.property(policies, pools, fc.nat(400), (policy, endpoints, n) => {
      const others = endpoints.filter((endpoint) => endpoint !== address(n));
      const subset = subsetOf(others, policy);
      const before = subset.wanted(none, true);
      subset.add(address(n));
      const after = new Set(subset.wanted(none, true));
      const gone = before.filter((endpoint) => !after.has(endpoint));
      expect(gone.length).toBeLessThanOrEqual(mostChanges(policy));
      subset.remove(address(n));
      expect(new Set(subset.wanted(none, true))).toEqual(new Set(before));
    }),
  );
});

describe('1 000 clients that watch 20 of 200 servers', () => {
  const endpoints = addresses(200);
  const clients = (isNumbered: boolean) => {
    const random = seededRandom(1);
    return Array.from({ length: 1000 }, (_, index) =>
      subsetOf(endpoints, { size: 20, index: isNumbered ? index : undefined }, random),
    );
  };
  const spread = (subsets: readonly Subset[], dead: ReadonlySet<string> = new Set()) => {
    const isLost = (endpoint: string) => dead.has(endpoint);
    const watched = subsets.map((subset) => subset.wanted(isLost, true));
    const alive = endpoints.filter((endpoint) => !dead.has(endpoint));
    const counts = watchers(
      watched.map((wanted) => wanted.filter((endpoint) => !dead.has(endpoint))),
      alive,
    );
    return { least: Math.min(...counts), most: Math.max(...counts) };
  };

  test('spread evenly, give or take one, if they are numbered', () => {
    const { least, most } = spread(clients(true));
    expect(least).toBeGreaterThanOrEqual(99);
    expect(most).toBeLessThanOrEqual(101);
  });

  test('spread binomially if they are not numbered', () => {
    // Binomial: 100 on average, with a standard deviation of 9.5. Of 200, the outermost are about three deviations off.
    const { least, most } = spread(clients(false));
    expect(least).toBeGreaterThan(100 - 4 * 9.5);
    expect(most).toBeLessThan(100 + 4 * 9.5);
  });

  test.each([true, false])(
    'share the other servers if a quarter of them is dead (numbered: %s)',
    (how) => {
      const dead = new Set(endpoints.filter((_, place) => place % 4 === 0));
      const { least, most } = spread(clients(how), dead);
      expect(least).toBeGreaterThan((1000 * 20) / 150 / 1.4);
      expect(most).toBeLessThan(((1000 * 20) / 150) * 1.4);
    },
  );
});

test('any number of numbered clients is spread evenly', () => {
  const endpoints = addresses(30);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (count) => {
      const watched = Array.from({ length: count }, (_, index) =>
        subsetOf(endpoints, { size: 3, index }).wanted(none, true),
      );
      const counts = watchers(watched, endpoints);
      expect(Math.max(...counts) - count / 10).toBeLessThanOrEqual(3);
      expect(count / 10 - Math.min(...counts)).toBeLessThanOrEqual(3);
    }),
  );
});

describe('a lost server', () => {
  test('is replaced by the next one, and still watched', () => {
    fc.assert(
      fc.property(policies, pools, fc.func(fc.boolean()), (policy, endpoints, isLost) => {
        const subset = subsetOf(endpoints, policy);
        const usual = subset.wanted(none, true);
        const wanted = subset.wanted(isLost, true);
        expect(wanted.slice(0, usual.length)).toEqual(usual);
        const left = endpoints.filter((endpoint) => !isLost(endpoint)).length;
        const living = wanted.filter((endpoint) => !isLost(endpoint)).length;
        expect(living).toBe(Math.min(policy.size, left));
      }),
    );
  });

  test('makes the client watch all servers if it was the last of the subset and no watched one is usable', () => {
    const endpoints = addresses(10);
    const subset = subsetOf(endpoints, { size: 3, index: 0 });
    const [first, second, third] = subset.wanted(none, true);
    const all = (endpoint: string) => [first, second, third].includes(endpoint);
    const some = (endpoint: string) => [first, second].includes(endpoint);
    expect(subset.wanted(all, false)).toHaveLength(10);
    expect(subset.wanted(all, true)).toHaveLength(6);
    expect(subset.wanted(some, false)).toHaveLength(5);
  });
});

test('known servers are listed, and add and remove tell whether they changed anything', () => {
  const subset = subsetOf([], undefined);
  expect([subset.add('a'), subset.add('b'), subset.add('a')]).toEqual([true, true, false]);
  expect([...subset.known]).toEqual(['a', 'b']);
  expect([subset.remove('a'), subset.remove('a')]).toEqual([true, false]);
  expect([...subset.known]).toEqual(['b']);
});

test('adding a known server leaves the order as it is', () => {
  const subset = subsetOf(addresses(10), { size: 3, index: 0 });
  const before = subset.wanted(none, false);
  subset.add(address(1));
  expect(subset.wanted(none, false)).toEqual(before);
});

test('two servers of equal rank have the same order at all clients', () => {
  // Found by trial: their hashes are equal.
  const twins = ['tcp://74b9074a:5555', 'tcp://214f5778:5555'];
  for (const endpoints of [twins, twins.toReversed()]) {
    expect(subsetOf(endpoints, { size: 1, index: 0 }).wanted(none, true)).toEqual([twins[1]]);
  }
});

describe('a client that knows who is in its zone', () => {
  const endpoints = addresses(200);
  const zoneOf = (endpoint: string) => endpoints.indexOf(endpoint) % 4;
  const inZone = (zone: number, policy: SubsetPolicy, random = seededRandom(1)) => {
    const subset = new Subset(policy, random);
    for (const endpoint of endpoints) subset.add(endpoint, zoneOf(endpoint) === zone);
    return subset;
  };
  const locals = (wanted: readonly string[], zone: number) =>
    wanted.filter((endpoint) => zoneOf(endpoint) === zone).length;

  test.each([
    [1, 1],
    [4, 3],
    [20, 15],
    [40, 30],
    // There are no more.
    [120, 50],
  ])('of a subset of %d, watches %d in its zone, and others', (size, expected) => {
    for (const index of [undefined, 7]) {
      const wanted = inZone(2, { size, index }).wanted(none, true);
      expect(new Set(wanted).size).toBe(size);
      expect(locals(wanted, 2)).toBe(expected);
    }
  });

  test('watches more of its zone if there are too few others', () => {
    const subset = new Subset({ size: 20, index: undefined }, seededRandom(1));
    for (const endpoint of endpoints) subset.add(endpoint, endpoint !== address(0));
    const wanted = subset.wanted(none, true);
    expect(wanted).toHaveLength(20);
    expect(wanted).toContain(address(0));
  });

  test('replaces lost servers by some of both kinds', () => {
    const subset = inZone(1, { size: 20, index: undefined });
    const usual = subset.wanted(none, true);
    const lost = new Set(usual.filter((endpoint) => zoneOf(endpoint) === 1).slice(0, 6));
    const added = subset.wanted((endpoint) => lost.has(endpoint), true).slice(usual.length);
    expect(added).toHaveLength(6);
    expect(locals(added, 1)).toBe(3);
  });

  test('has as many servers as ever once its zone is lost, and need not watch all', () => {
    const subset = inZone(0, { size: 20, index: undefined });
    const wanted = subset.wanted((endpoint) => zoneOf(endpoint) === 0, true);
    expect(wanted.length - locals(wanted, 0)).toBe(20);
    expect(wanted.length).toBeLessThan(60);
  });

  test.each([
    ['every fourth one', (index: number) => index % 4],
    ['in blocks', (index: number) => Math.floor(index / 250)],
  ])('spreads evenly if clients are numbered, those of a zone %s', (_, zoneOfClient) => {
    const share = new Map(endpoints.map((endpoint) => [endpoint, 0]));
    const afterLoss = new Map(share);
    const add = (counts: Map<string, number>, watched: readonly string[]) => {
      for (const endpoint of watched)
        counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1 / watched.length);
    };
    for (let index = 0; index < 1000; index++) {
      const zone = zoneOfClient(index);
      const subset = inZone(zone, { size: 20, index });
      const own = subset.wanted(none, true).filter((endpoint) => zoneOf(endpoint) === zone);
      add(share, own);
      if (zone === 0)
        add(
          afterLoss,
          subset.wanted((at) => zoneOf(at) === 0, true).filter((at) => zoneOf(at) !== 0),
        );
    }
    const counts = [...share.values()];
    // Of 5: each zone has five times as many clients as servers.
    expect(Math.min(...counts)).toBeGreaterThan(5 * 0.95);
    expect(Math.max(...counts)).toBeLessThan(5 * 1.05);
    const others = [...afterLoss].filter(([endpoint]) => zoneOf(endpoint) !== 0);
    const most = Math.max(...others.map(([, count]) => count));
    expect(most).toBeLessThan((250 / 150) * 1.5);
  });

  test('changes as few servers when one comes, and the same ones return when it goes', () => {
    fc.assert(
      fc.property(policies, pools, fc.nat(400), fc.nat(5), (policy, pool, n, modulus) => {
        const isLocal = (endpoint: string) =>
          endpoint.length % 2 === 0 || endpoint.endsWith(`${modulus}:5555`);
        const subset = new Subset(policy, seededRandom(1));
        for (const endpoint of pool)
          if (endpoint !== address(n)) subset.add(endpoint, isLocal(endpoint));
        const hadLocals = pool.some((endpoint) => endpoint !== address(n) && isLocal(endpoint));
        fc.pre(hadLocals);
        const before = subset.wanted(none, true);
        subset.add(address(n), isLocal(address(n)));
        const after = new Set(subset.wanted(none, true));
        const gone = before.filter((endpoint) => !after.has(endpoint));
        expect(gone.length).toBeLessThanOrEqual(mostChanges(policy));
        subset.remove(address(n));
        expect(new Set(subset.wanted(none, true))).toEqual(new Set(before));
      }),
    );
  });

  test('draws anew when a server turns out to be in its zone', () => {
    const subset = new Subset({ size: 4, index: undefined }, seededRandom(1));
    for (const endpoint of addresses(40)) subset.add(endpoint);
    const far = addresses(40).find((endpoint) => !subset.wanted(none, true).includes(endpoint));
    if (far === undefined) throw new Error('a subset is not everything');
    expect(subset.add(far, true)).toBe(true);
    expect(subset.wanted(none, true)[0]).toBe(far);
    expect(subset.add(far, true)).toBe(false);
  });
});
