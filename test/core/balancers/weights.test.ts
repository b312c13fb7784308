import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lowestLatency } from '../../../lib/core/balancers/lowest-latency.js';
import { p2c } from '../../../lib/core/balancers/p2c.js';
import { roundRobin } from '../../../lib/core/balancers/round-robin.js';
import { seededRandom } from '../../support/random.js';
import { callStream, lognormal, sharesOf } from '../../support/call-stream.js';
import { fixSeed } from '../../support/fix-seed.js';
import { type Servers, tally, view } from './server-view.js';

fixSeed(63);

const someWeights = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 6 });
const seed = fc.integer({ min: 1, max: 1e9 });

/** How far the share of some server is from what its weight says. */
function error(shares: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(...weights.map((weight, n) => Math.abs((shares[n] ?? 0) - weight / total)));
}

describe('p2c gives equally fast servers calls in proportion to their weights', () => {
  test.each([
    ['with next to nothing in flight', 1, 100],
    ['with about one call in flight', 20, 50],
    ['with some calls in flight at each', 20, 1000],
    ['with hundreds in flight', 20, 10_000],
  ])('%s', (_, medianMs, perSecond) => {
    fc.assert(
      fc.property(someWeights, seed, (weights, from) => {
        const servers = weights.map(() => lognormal(medianMs, 0.3));
        const [balancer, calls] = [p2c, 20_000];
        const all = callStream({ balancer, servers, weights, calls, perSecond, seed: from });
        const shares = sharesOf(all.slice(calls / 4), weights.length);
        expect(error(shares, weights)).toBeLessThan(0.1);
      }),
      { numRuns: 10 },
    );
  });

  test('exactly, on average, if nothing is in flight and all are as fast', () => {
    fc.assert(
      fc.property(someWeights, seed, (weights, from) => {
        const [first, ...others] = weights.map((weight, n) =>
          view(String(n), { weight, responseMs: 5 }),
        );
        const servers: Servers = [first ?? view('0'), ...others];
        const random = seededRandom(from);
        const counts = tally(20_000, () => p2c.pick(servers, { now: 0, random }));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const [n, weight] of weights.entries()) {
          const share = weight / total;
          // Six standard deviations of the binomial distribution.
          const most = 6 * Math.sqrt((share * (1 - share)) / 20_000);
          expect(Math.abs((counts[n] ?? 0) / 20_000 - share)).toBeLessThan(most);
        }
      }),
    );
  });

  test('and a slow one fewer, however heavy it is', () => {
    const servers = [lognormal(1, 0.3), lognormal(10, 0.3)];
    const of = { balancer: p2c, servers, weights: [1, 5], calls: 10_000, perSecond: 200, seed: 1 };
    expect(sharesOf(callStream(of), 2)[1]).toBeLessThan(0.03);
  });
});

describe('round robin', () => {
  test('gives each server exactly its weight in every round', () => {
    fc.assert(
      fc.property(someWeights, (weights) => {
        const balancer = roundRobin();
        const [first, ...others] = weights.map((weight, n) => view(String(n), { weight }));
        const servers: Servers = [first ?? view('0'), ...others];
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let round = 0; round < 3; round++) {
          const counts = tally(total, () => balancer.pick(servers, { now: 0, random: () => 0 }));
          expect(weights.map((_, n) => counts[n])).toEqual(weights);
        }
      }),
    );
  });

  test('spreads the turns of a heavy server over the round', () => {
    const balancer = roundRobin();
    const servers: Servers = [view('a', { weight: 5 }), view('b'), view('c')];
    const turns = Array.from({ length: 7 }, () => {
      return balancer.pick(servers, { now: 0, random: () => 0 }).endpoint;
    });
    expect(turns.join(' ')).toBe('a a b a c a a');
  });
});

test('lowest latency ignores weights', () => {
  const servers: Servers = [
    view('quick', { latencyMs: 1 }),
    view('heavy', { latencyMs: 2, weight: 9 }),
  ];
  expect(lowestLatency.pick(servers, { now: 0, random: () => 0 }).endpoint).toBe('quick');
});
