import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rendezvous } from '../../../lib/core/balancers/rendezvous.js';
import { type Servers, tally, view } from './server-view.js';
import { fixSeed } from '../../support/fix-seed.js';

fixSeed(17);

const context = { now: 0, random: () => 0 };
const addresses = Array.from({ length: 10 }, (_, n) => `tcp://10.0.0.${n}:5555`);
const serversAt = (endpoints: string[], pending: number[] = []) => {
  const [first, ...others] = endpoints.map((at, n) => view(at, { pending: pending[n] ?? 0 }));
  if (!first) throw new Error('a pick is among servers');
  return [first, ...others] as Servers;
};
const route = (key: string, servers: Servers) => rendezvous(key).pick(servers, context).endpoint;

const key = fc.string({ unit: 'grapheme' });
const pool = fc.uniqueArray(fc.constantFrom(...addresses), { minLength: 2 });

test('a key keeps its server, in whatever order servers are given', () => {
  fc.assert(
    fc.property(key, pool, (user, endpoints) => {
      const here = route(user, serversAt(endpoints));
      expect(route(user, serversAt(endpoints.toReversed()))).toBe(here);
      expect(route(user, serversAt(endpoints.toSorted()))).toBe(here);
    }),
  );
});

test('a removed server moves only its own keys, to their next servers', () => {
  fc.assert(
    fc.property(key, pool, fc.nat(), (user, endpoints, choice) => {
      const here = route(user, serversAt(endpoints));
      const gone = endpoints[choice % endpoints.length];
      const left = endpoints.filter((endpoint) => endpoint !== gone);
      expect(left).toContain(route(user, serversAt(left)));
      expect(gone === here || route(user, serversAt(left)) === here).toBe(true);
    }),
  );
});

test('keys are spread evenly, even over addresses that differ in the last digit', () => {
  let user = 0;
  const ports = serversAt(addresses.map((_, n) => `tcp://10.0.0.1:555${n}`));
  const counts = tally(10_000, () => {
    return rendezvous(`user-${user++}`).pick(ports, context);
  });
  expect(Object.keys(counts)).toHaveLength(10);
  // 1000 each; five standard deviations of the binomial distribution are 150.
  for (const count of Object.values(counts)) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('the keys of a removed server are spread over all others', () => {
  const before = serversAt(addresses);
  const after = serversAt(addresses.slice(1));
  const moved = new Set<string>();
  for (let n = 0; n < 2000; n++) {
    if (route(`user-${n}`, before) === addresses[0]) moved.add(route(`user-${n}`, after));
  }
  expect(moved.size).toBe(9);
});

describe('the load is bounded', () => {
  test('no server gets more than 1.25 times the average, rounded up, whatever the keys', () => {
    fc.assert(
      fc.property(
        pool,
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 200 }),
        (endpoints, keys) => {
          const pending = endpoints.map(() => 0);
          keys.forEach((user, calls) => {
            const picked = endpoints.indexOf(route(user, serversAt(endpoints, pending)));
            pending[picked] = (pending[picked] ?? 0) + 1;
            const most = Math.ceil((1.25 * (calls + 1)) / endpoints.length);
            expect(pending[picked]).toBeLessThanOrEqual(most);
          });
        },
      ),
    );
  });

  test('a key whose server is full goes to its next server', () => {
    fc.assert(
      fc.property(key, pool, (user, endpoints) => {
        const here = endpoints.indexOf(route(user, serversAt(endpoints)));
        const without = serversAt(endpoints.filter((_, n) => n !== here));
        const full = serversAt(
          endpoints,
          endpoints.map((_, n) => (n === here ? 100 : 0)),
        );
        expect(route(user, full)).toBe(route(user, without));
      }),
    );
  });
});

test('the order of a key is the same in every release, so that clients of two versions agree', () => {
  const users = ['user-1', 'user-2', 'user-3', 'user-42'];
  const places = users.map((user) => addresses.indexOf(route(user, serversAt(addresses))));
  expect(places).toEqual([7, 3, 2, 1]);
});

test('two servers of equal weight have the same order at all clients', () => {
  // Found by trial: for this key their hashes are equal.
  const twins = ['tcp://952e6095:5555', 'tcp://89dddcba:5555'];
  expect(route('user-1', serversAt(twins))).toBe(twins[1]);
  expect(route('user-1', serversAt(twins.toReversed()))).toBe(twins[1]);
});
