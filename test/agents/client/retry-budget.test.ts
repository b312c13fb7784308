import { describe, expect, test } from 'vitest';
import { A, B, C, ClientBench } from '../../support/client-bench.js';

const none = { ratio: 0, minPerSecond: 0 };
const ALL = [A, B, C];

describe('without a budget', () => {
  test('a call that had no answer stays where it is, and says in the end that the budget is why', () => {
    const bench = new ClientBench({ retryBudget: none });
    bench.up(A, B);
    const call = bench.call({ requestTimeout: 500 });
    bench.beat(1490, A, B);
    expect(call.ends).toEqual([]);
    bench.beat(10, A, B);
    expect(bench.server(B).requests()).toEqual([]);
    expect(call.code).toBe('ETIMEDOUT');
    expect(String(call.ends[0])).toContain(`${A}, no answer within 1500 ms`);
    expect(String(call.ends[0])).toContain('the retry budget is spent');
    expect(String(call.ends[0])).toContain('raise retryBudget');
  });

  test('a call that cannot be tried again anyway does not blame the budget', () => {
    const bench = new ClientBench({ retryBudget: none });
    bench.up(A, B);
    const call = bench.call({ requestTimeout: 500, maxAttempts: 1 });
    bench.clock.advance(500);
    expect(String(call.ends[0])).not.toContain('budget');
  });

  test('a call whose server is lost moves, but not a second time', () => {
    const bench = new ClientBench({
      retryBudget: none,
      endpoints: ALL,
      balancer: { pick: ([first]) => first },
    });
    bench.up(...ALL);
    const call = bench.call();
    bench.server(A).lost();
    expect(call.ends).toEqual([]);
    expect(bench.server(B).requests()).toHaveLength(1);
    bench.server(B).lost();
    expect(bench.server(C).requests()).toEqual([]);
    expect(call.code).toBe('ECONNRESET');
    expect(String(call.ends[0])).toContain('the retry budget is spent');
  });

  test('a refused call moves, and one that was not delivered', () => {
    const bench = new ClientBench({ retryBudget: none });
    bench.up(A, B);
    bench.call();
    for (const request of bench.server(A).requests()) {
      bench.server(A).reply(request, { reason: 'busy' }, 'refused');
    }
    bench.sockets.to(B).takes = false;
    bench.call();
    bench.sockets.to(B).undelivered();
    expect(bench.server(A).requests()).toHaveLength(1);
    expect(bench.server(B).requests()).toHaveLength(1);
  });
});

test('when all calls time out, attempts are a fifth more than calls, not three times as many', () => {
  const bench = new ClientBench({
    maxFailures: Infinity,
    maxPending: 10_000,
    heartbeat: { interval: 30_000, timeout: 90_000 },
  });
  bench.up(A, B);
  let attempts = 0;
  for (let ms = 0; ms < 20_000; ms += 10) {
    bench.call({ requestTimeout: 100 });
    bench.clock.advance(10);
    for (const endpoint of [A, B]) attempts += bench.server(endpoint).requests().length;
  }
  // 2000 calls, 20 % of them, and 10 a second with the ten seconds before the first call.
  expect(attempts).toBeGreaterThan(2000 + 400);
  expect(attempts).toBeLessThan(2000 + 400 + 310);
});

test.each([64, 1000])(
  '%d calls in flight lose none of themselves when 20 servers are killed',
  (inFlight) => {
    const bench = new ClientBench({ endpoints: ALL, maxPending: 10_000 });
    bench.up(...ALL);
    const calls = Array.from({ length: inFlight }, () => bench.call());
    for (let kill = 0; kill < 20; kill++) {
      const victim = ALL[kill % 3] ?? A;
      bench.server(victim).lost();
      bench.clock.advance(100);
      bench.server(victim).accept().pong();
      // Each call is answered before the next kill, and followed by another one.
      for (const endpoint of ALL) {
        for (const request of bench.server(endpoint).requests()) {
          bench.server(endpoint).reply(request, 'answered');
        }
      }
      for (let more = 0; more < inFlight; more++) calls.push(bench.call());
    }
    for (const endpoint of ALL) {
      for (const request of bench.server(endpoint).requests()) {
        bench.server(endpoint).reply(request, 'answered');
      }
    }
    expect(new Set(calls.flatMap(({ ends }) => ends))).toEqual(new Set(['complete']));
    expect(bench.agent.stats().pending).toBe(0);
  },
);
