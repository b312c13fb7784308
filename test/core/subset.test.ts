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

test('without a policy, or with fewer servers than it asks for, all are watched, in their order', () => {
  const endpoints = addresses(5).toReversed();
  expect(subsetOf(endpoints, undefined).wanted(none, true)).toEqual(endpoints);
  expect(subsetOf(endpoints, { size: 5, index: 3 }).wanted(none, true)).toEqual(endpoints);
});

test('as many are watched as are asked for, whatever the order in which they are known', () => {
  fc.assert(
    fc.property(policies, pools, (policy, endpoints) => {
      const wanted = subsetOf(endpoints, policy).wanted(none, true);
      expect(new Set(wanted).size).toBe(Math.min(policy.size, endpoints.length));
      const again = subsetOf(endpoints.toReversed(), policy).wanted(none, true);
      expect(new Set(again)).toEqual(new Set(wanted));
    }),
  );
});

test('a server that comes changes one server of a subset at most, and going undoes it', () => {
  fc.assert(
    fc.property(policies, pools, fc.nat(400), (policy, endpoints, n) => {
      const others = endpoints.filter((endpoint) => endpoint !== address(n));
      const subset = subsetOf(others, policy);
      const before = subset.wanted(none, true);
      subset.add(address(n));
      const after = new Set(subset.wanted(none, true));
      expect(before.filter((endpoint) => !after.has(endpoint)).length).toBeLessThanOrEqual(1);
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

  test('if they are numbered, as many watch each server, but for one', () => {
    const { least, most } = spread(clients(true));
    expect(least).toBeGreaterThanOrEqual(99);
    expect(most).toBeLessThanOrEqual(101);
  });

  test('if not, as many as of so many draws', () => {
    // Binomial: 100 on average, with a deviation of 9.5. Of 200, the farthest are some three deviations off.
    const { least, most } = spread(clients(false));
    expect(least).toBeGreaterThan(100 - 4 * 9.5);
    expect(most).toBeLessThan(100 + 4 * 9.5);
  });

  test.each([true, false])('a quarter of them dead, the others share their clients: %s', (how) => {
    const dead = new Set(endpoints.filter((_, place) => place % 4 === 0));
    const { least, most } = spread(clients(how), dead);
    expect(least).toBeGreaterThan((1000 * 20) / 150 / 1.4);
    expect(most).toBeLessThan(((1000 * 20) / 150) * 1.4);
  });
});

test('the first of any number of numbered clients are spread evenly', () => {
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

describe('servers that are lost', () => {
  test('each has the next one in its place, and is watched on', () => {
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

  test('if none that is watched can take calls, and none of the first is left, all are watched', () => {
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

test('what is known is told, and whether what is added or removed was', () => {
  const subset = subsetOf([], undefined);
  expect([subset.add('a'), subset.add('b'), subset.add('a')]).toEqual([true, true, false]);
  expect([...subset.known]).toEqual(['a', 'b']);
  expect([subset.remove('a'), subset.remove('a')]).toEqual([true, false]);
  expect([...subset.known]).toEqual(['b']);
});

test('what is added twice leaves the order as it is', () => {
  const subset = subsetOf(addresses(10), { size: 3, index: 0 });
  const before = subset.wanted(none, false);
  subset.add(address(1));
  expect(subset.wanted(none, false)).toEqual(before);
});

test('two servers of the same rank have one order for all clients', () => {
  // Found by trial: their hashes are the same.
  const twins = ['tcp://74b9074a:5555', 'tcp://214f5778:5555'];
  for (const endpoints of [twins, twins.toReversed()]) {
    expect(subsetOf(endpoints, { size: 1, index: 0 }).wanted(none, true)).toEqual([twins[1]]);
  }
});
