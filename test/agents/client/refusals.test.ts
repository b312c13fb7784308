import { describe, expect, test, vi } from 'vitest';
import { Pool } from '../../../lib/core/pool.js';
import {
  A,
  B,
  C,
  type CallOptions,
  type BenchOptions,
  ClientBench,
} from '../../support/client-bench.js';

/** A refuses what it is sent. */
const refuse = (bench: ClientBench, endpoint: string, reason: string) => {
  const server = bench.server(endpoint);
  for (const request of server.requests()) server.reply(request, { reason }, 'refused');
};

describe.each(['draining', 'unready'])('a server that refuses a call as %s', (reason) => {
  const refused = () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call({ idempotent: false });
    refuse(bench, A, reason);
    return { bench, call };
  };

  test('loses it to another one, though it may be run only once', () => {
    const { bench, call } = refused();
    for (const request of bench.server(B).requests()) bench.server(B).reply(request, 'from b');
    expect(call).toMatchObject({ values: ['from b'], ends: ['complete'] });
  });

  test('gets no new calls, from that moment on', () => {
    const { bench } = refused();
    for (let i = 0; i < 4; i++) bench.call();
    expect(bench.server(A).requests()).toEqual([]);
  });

  test('is still believed about the calls that it has accepted', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const accepted = bench.call();
    const [request] = bench.server(A).requests();
    const call = bench.call();
    refuse(bench, A, reason);
    if (request) bench.server(A).reply(request, 'accepted before');
    expect(accepted.values).toEqual(['accepted before']);
    expect(call.ends).toEqual([]);
  });

  test('gets calls again once it says that it is ready', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const call = bench.call();
    refuse(bench, A, reason);
    bench.server(A).lost();
    bench.clock.advance(200);
    bench.up(A);
    expect(bench.server(A).requests()).toHaveLength(1);
    expect(call.ends).toEqual([]);
  });

  test('may have its listeners close the client: the call ends once', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call();
    bench.whenChanged = () => bench.agent.close();
    refuse(bench, A, reason);
    expect(call).toMatchObject({ values: [], ends: [{ code: 'CLOSED' }] });
  });
});

test('what a refusal says of its server is told as a change of its state', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  bench.call();
  refuse(bench, A, 'draining');
  expect(bench.changes.at(-1)).toBe(`${A} draining`);
});

test('a server that is busy stays as well as it was, and loses nothing but that call', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  bench.call();
  const states = bench.changes.length;
  refuse(bench, A, 'busy');
  expect(bench.changes).toHaveLength(states);
  expect(bench.agent.stats().endpoints[A]).toMatchObject({ state: 'alive', failures: 0 });
  for (let i = 0; i < 4; i++) bench.call();
  expect(bench.server(A).requests()).toHaveLength(2);
  expect(bench.server(B).requests()).toHaveLength(3);
});

test('a server that turns unready while it is suspected of silence gets no calls', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  bench.clock.advance(2500);
  expect(bench.states).toEqual(['suspect']);
  bench.server(A).pong('negotiated', { state: 'unready' });
  bench.call();
  expect(bench.server(A).requests()).toEqual([]);
});

describe('a call that every server has refused', () => {
  const busyEverywhere = (options: BenchOptions = {}, request: CallOptions = {}) => {
    const bench = new ClientBench(options);
    bench.up(A, B);
    const call = bench.call({ idempotent: false, maxAttempts: 1, ...request });
    refuse(bench, A, 'busy');
    refuse(bench, B, 'busy');
    return { bench, call };
  };

  test('asks all of them once more, after a pause, and no third time', () => {
    const { bench, call } = busyEverywhere();
    expect(call.ends).toEqual([]);
    bench.clock.advance(100);
    for (const endpoint of [A, B, A]) refuse(bench, endpoint, 'busy');
    expect(call.ends).toMatchObject([{ code: 'OVERLOADED', attempts: { length: 4 } }]);
    bench.clock.advance(1000);
    expect([A, B].map((endpoint) => bench.server(endpoint).requests())).toEqual([[], []]);
  });

  test('is served if one has room by then', () => {
    const { bench, call } = busyEverywhere();
    bench.clock.advance(100);
    for (const endpoint of [A, B]) {
      for (const request of bench.server(endpoint).requests()) {
        bench.server(endpoint).reply(request, 'room');
      }
    }
    expect(call).toMatchObject({ values: ['room'], ends: ['complete'] });
  });

  test('does not return at the moment that others do', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    for (let n = 0; n < 50; n++) bench.call();
    refuse(bench, A, 'busy');
    const moments: number[] = [];
    for (let ms = 0; ms < 100; ms += 10) {
      bench.clock.advance(10);
      moments.push(bench.server(A).requests().length);
    }
    expect(moments.reduce((sum, count) => sum + count)).toBe(50);
    expect(Math.max(...moments)).toBeLessThan(15);
  });

  test('asks nobody again where that has gone on for longer than a burst', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const refusedAt = (ms: number) => {
      bench.clock.advance(ms);
      const call = bench.call();
      refuse(bench, A, 'busy');
      return call.ends;
    };
    expect(refusedAt(0)).toEqual([]);
    expect(refusedAt(60)).toEqual([]);
    expect(refusedAt(60)).toMatchObject([{ code: 'OVERLOADED', attempts: { length: 1 } }]);
    expect(refusedAt(300)).toEqual([]);
  });

  // They are many in an overload, in which answers come all the time.
  test('is not tried at a server that has room again, and has refused it', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    bench.call();
    const [running] = bench.server(A).requests();
    for (let n = 0; n < 10; n++) bench.call();
    refuse(bench, A, 'busy');
    const pick = vi.spyOn(Pool.prototype, 'pick');
    if (running) bench.server(A).reply(running, 'done');
    expect(pick).not.toHaveBeenCalled();
    pick.mockRestore();
  });

  test('waits for no pause if another server comes up', () => {
    const { bench } = busyEverywhere({ endpoints: [A, B, C] });
    bench.up(C);
    expect(bench.server(C).requests()).toHaveLength(1);
  });

  test('waits no longer than its deadline', () => {
    const { bench, call } = busyEverywhere({}, { timeout: 1 });
    bench.clock.advance(1);
    expect(call.code).toBe('ETIMEDOUT');
  });

  test('asks nobody again without a token of the retry budget', () => {
    const { bench, call } = busyEverywhere({ retryBudget: { ratio: 0, minPerSecond: 0 } });
    bench.clock.advance(100);
    expect(call.code).toBe('OVERLOADED');
    expect(String(call.ends[0])).toContain('the retry budget is spent');
  });

  test('may be cancelled in its pause', () => {
    const { bench, call } = busyEverywhere();
    call.cancel();
    bench.clock.advance(100);
    expect([A, B].map((endpoint) => bench.server(endpoint).requests())).toEqual([[], []]);
    expect(bench.agent.stats().pending).toBe(0);
  });
});
