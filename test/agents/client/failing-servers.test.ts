import { describe, expect, test } from 'vitest';
import { lowestLatency } from '../../../lib/core/balancers/lowest-latency.js';
import { p2c } from '../../../lib/core/balancers/p2c.js';
import { roundRobin } from '../../../lib/core/balancers/round-robin.js';
import { A, B, C, type CallOptions } from '../../support/client-bench.js';
import { FastFailures, fails, garbles, hangs, works } from '../../support/fast-failures.js';

/** What handlers throw as an `RpcException`. */
const anAnswer = fails('there is no such order');
const unexpected = fails('Internal server error');

const oneOfThree = (bad: typeof unexpected) => ({ [A]: bad, [B]: works(), [C]: works() });
const oneOfTwo = (bad: typeof unexpected) => ({ [A]: bad, [B]: works() });

const LOADS = [
  { callers: 1, ms: 10_000 },
  { callers: 16, ms: 2000 },
];

describe.each(LOADS)(
  '$callers callers, and a server that fails each call at once',
  ({ callers, ms }) => {
    test('by answers of its handlers: it gets no more than its share', () => {
      expect(
        new FastFailures(oneOfThree(anAnswer)).start(callers).run(ms).shareOfFailed,
      ).toBeLessThan(0.36);
      expect(
        new FastFailures(oneOfTwo(anAnswer)).start(callers).run(ms).shareOfFailed,
      ).toBeLessThan(0.53);
    });

    test.each([
      ['by errors that nobody expects', unexpected],
      ['by replies that cannot be read', garbles()],
    ])('%s: it rests', (_, bad) => {
      for (const servers of [oneOfThree(bad), oneOfTwo(bad)]) {
        const shop = new FastFailures(servers).start(callers).run(ms);
        expect(shop.shareOfFailed).toBeLessThan(0.12);
        expect(shop.bench.agent.stats().endpoints[A]).toMatchObject({ state: 'suspect' });
      }
    });
  },
);

test.each([
  ['p2c', p2c],
  ['round-robin', roundRobin()],
  ['lowest-latency', lowestLatency],
])('%s leaves a server that rests alone', (_, balancer) => {
  const shop = new FastFailures(oneOfTwo(unexpected), { balancer }).start(4).run(5000);
  expect(shop.bench.agent.stats().endpoints[A]).toMatchObject({ state: 'suspect' });
  expect(shop.shareOfFailed).toBeLessThan(0.12);
});

test('one of two that lets its calls pass their deadline rests', () => {
  const deadline: CallOptions = { timeout: 100 };
  const shop = new FastFailures(oneOfTwo(hangs()), {}, deadline).start(8).run(10_000);
  expect(shop.bench.agent.stats().endpoints[A]).toMatchObject({ state: 'suspect', failures: 0 });
  expect(shop.shareOfFailed).toBeLessThan(0.12);
});

test('a server that works again is found by its trial, and used in full after ten seconds', () => {
  const shop = new FastFailures(oneOfThree(unexpected)).start(8).run(1000);
  expect(shop.bench.agent.stats().endpoints[A]).toMatchObject({ state: 'suspect', ejections: 1 });
  shop.manners.set(A, works());
  shop.run(4000);
  expect(shop.bench.agent.stats().endpoints[A]).toMatchObject({ state: 'alive', ejections: 1 });
  shop.run(10_000);
  const before = shop.served.get(A) ?? 0;
  const { ended } = shop;
  shop.run(2000);
  expect(((shop.served.get(A) ?? 0) - before) / (shop.ended - ended)).toBeGreaterThan(0.25);
});

test('each rest of a server that fails on is longer than the one before', () => {
  const shop = new FastFailures(oneOfThree(unexpected)).start(4).run(1000);
  const ejections: number[] = [];
  for (let seconds = 0; seconds < 19; seconds += 3) {
    shop.run(3000);
    ejections.push(shop.bench.agent.stats().endpoints[A]?.ejections ?? 0);
  }
  // It rests for 3, 6, 9 s, and so on.
  expect(ejections).toEqual([2, 2, 3, 3, 3, 4, 4]);
});

test('where all fail alike, none rests: it is not the servers', () => {
  const shop = new FastFailures({ [A]: unexpected, [B]: unexpected, [C]: unexpected })
    .start(8)
    .run(200);
  expect(shop.bench.states).toEqual(['alive', 'alive', 'alive']);
});

test('the last server that is left does not rest', () => {
  const shop = new FastFailures(oneOfTwo(unexpected));
  shop.bench.server(B).lost();
  shop.start(8).run(200);
  expect(shop.failed).toBeGreaterThan(100);
  expect(shop.bench.states).toEqual(['alive', 'dead']);
});

test('no more than half of the servers rest', () => {
  const shop = new FastFailures({ [A]: unexpected, [B]: unexpected, [C]: works() })
    .start(8)
    .run(2000);
  expect(shop.bench.states.filter((state) => state === 'suspect')).toHaveLength(1);
});

test('what counts as a failure is the option isFailure', () => {
  const isFailure = () => false;
  const spared = new FastFailures(oneOfThree(unexpected), { isFailure }).start(8).run(1000);
  expect(spared.bench.states).toEqual(['alive', 'alive', 'alive']);
  const asked: unknown[] = [];
  const blamed = new FastFailures(oneOfThree(anAnswer), {
    isFailure: (error) => {
      asked.push(error);
      return true;
    },
  })
    .start(8)
    .run(1000);
  expect(blamed.bench.states).toEqual(['suspect', 'alive', 'alive']);
  expect(asked[0]).toEqual({ status: 'error', message: 'there is no such order' });
  expect(blamed.shareOfFailed).toBeLessThan(0.12);
});
