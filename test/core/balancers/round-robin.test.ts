import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundRobin } from '../../../lib/core/balancers/round-robin.js';
import { type Servers, tally, view } from './server-view.js';
import { fixSeed } from '../../support/fix-seed.js';

fixSeed(15);

const context = { now: 0, random: () => 0 };
const servers: Servers = [view('a'), view('b'), view('c')];

test('servers take turns in order, and then the first one again', () => {
  const balancer = roundRobin();
  const turns = Array.from({ length: 7 }, () => balancer.pick(servers, context).endpoint);
  expect(turns.join(' ')).toBe('a b c a b c a');
});

test('all servers get the same share, whatever their cost', () => {
  const balancer = roundRobin();
  const unequal: Servers = [
    view('slow', { latencyMs: 900, pending: 50 }),
    view('failing', { failures: 2 }),
    view('quick', { latencyMs: 1 }),
  ];
  const counts = tally(300, () => balancer.pick(unequal, context));
  expect(counts).toEqual({ slow: 100, failing: 100, quick: 100 });
});

test('two clients keep separate positions', () => {
  const [mine, yours] = [roundRobin(), roundRobin()];
  mine.pick(servers, context);
  expect(yours.pick(servers, context).endpoint).toBe('a');
  expect(mine.pick(servers, context).endpoint).toBe('b');
});

test('it picks an existing server while servers come and go', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 50 });
  fc.assert(
    fc.property(sizes, (counts) => {
      const balancer = roundRobin();
      for (const count of counts) {
        const [first, ...others] = Array.from({ length: count }, (_, n) => view(String(n)));
        const present: Servers = [first ?? view('0'), ...others];
        expect(present).toContain(balancer.pick(present, context));
      }
    }),
  );
});
