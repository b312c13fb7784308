import { describe, expect, test } from 'vitest';
import type { ClientAgentOptions } from '../../../lib/agents/client/client-agent-options.js';
import { A, B, C, ClientBench } from '../../support/client-bench.js';

const D = 'tcp://10.0.0.4:5555';

/** No heartbeats in the way; a failing server rests for 30 s. */
const slowHeart: Partial<ClientAgentOptions> = {
  heartbeat: { interval: 10_000, timeout: 30_000 },
  maxFailures: 1,
};

const requestsAt = (bench: ClientBench, ...endpoints: string[]) =>
  endpoints.map((endpoint) => bench.server(endpoint).requests().length);

/** One call to the server that is next, which lets it time out. */
const failOne = (bench: ClientBench) => {
  bench.call({ requestTimeout: 100, maxAttempts: 1 });
  bench.clock.advance(100);
};

/** A has failed and rested; B is well. */
const rested = () => {
  const bench = new ClientBench(slowHeart);
  bench.up(A, B);
  failOne(bench);
  expect(bench.states).toEqual(['suspect', 'alive']);
  requestsAt(bench, A, B);
  bench.beat(30_000, A, B);
  expect(bench.states).toEqual(['suspect', 'alive']);
  return bench;
};

describe('a server that has rested', () => {
  test('gets one call, and no other one before that is answered', () => {
    const bench = rested();
    const calls = Array.from({ length: 6 }, () => bench.call());
    const [trial, ...others] = bench.server(A).requests();
    expect(others).toEqual([]);
    if (trial) bench.server(A).reply(trial, 'well again');
    expect(calls.filter(({ values }) => values.includes('well again'))).toHaveLength(1);
    expect(bench.states).toEqual(['alive', 'alive']);
  });

  test('rests for longer if it lets the trial time out', () => {
    const bench = rested();
    for (let n = 0; n < 2; n++) bench.call({ requestTimeout: 100, maxAttempts: 1 });
    bench
      .server(B)
      .requests()
      .forEach((request) => bench.server(B).reply(request, 'b'));
    bench.clock.advance(100);
    expect(requestsAt(bench, A)).toEqual([1]);
    bench.beat(59_000, A, B);
    for (let n = 0; n < 4; n++) bench.call();
    expect(requestsAt(bench, A)).toEqual([0]);
    bench.beat(1000, A, B);
    for (let n = 0; n < 4; n++) bench.call();
    expect(requestsAt(bench, A)).toEqual([1]);
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ ejections: 2 });
  });

  test('gets another trial if its call is cancelled', () => {
    const bench = rested();
    const calls = [bench.call(), bench.call(), bench.call()];
    expect(requestsAt(bench, A)).toEqual([1]);
    for (const call of calls) call.cancel();
    for (let n = 0; n < 4; n++) bench.call();
    expect(requestsAt(bench, A)).toEqual([1]);
  });

  test('is used by all during its trial if there is no other', () => {
    const bench = rested();
    bench.server(B).lost();
    for (let n = 0; n < 5; n++) bench.call();
    expect(requestsAt(bench, A)).toEqual([5]);
  });
});

test('of three servers that let calls time out, one rests: the others stay in use', () => {
  const bench = new ClientBench({ ...slowHeart, endpoints: [A, B, C] });
  bench.up(A, B, C);
  for (let n = 0; n < 12; n++) failOne(bench);
  expect(bench.states.filter((state) => state === 'suspect')).toHaveLength(1);
  expect(bench.agent.stats().panics).toBe(0);
});

test('with too few servers left, those that rest are used, and stats say so', () => {
  const bench = new ClientBench({ ...slowHeart, endpoints: [A, B, C, D] });
  bench.up(A, B, C, D);
  failOne(bench);
  failOne(bench);
  expect(bench.states).toEqual(['suspect', 'alive', 'suspect', 'alive']);
  requestsAt(bench, A, B, C, D);
  for (let n = 0; n < 4; n++) bench.call();
  expect(requestsAt(bench, A, C)).toEqual([0, 0]);
  bench.server(D).lost();
  const { panics } = bench.agent.stats();
  for (let n = 0; n < 6; n++) bench.call();
  expect(requestsAt(bench, A, C).every((count) => count > 0)).toBe(true);
  expect(bench.agent.stats().panics).toBe(panics + 6);
});

test('a server that comes back from the dead starts slowly', () => {
  const bench = new ClientBench({ ...slowHeart, maxPending: 1000 });
  bench.up(A, B);
  bench.server(A).lost();
  bench.clock.advance(200);
  bench.up(A);
  const calls = Array.from({ length: 200 }, () => bench.call());
  const [atFirst = 0] = requestsAt(bench, A, B);
  expect(atFirst).toBeGreaterThan(0);
  expect(atFirst).toBeLessThan(30);
  for (const call of calls) call.cancel();
  bench.beat(10_000, A, B);
  for (let n = 0; n < 200; n++) bench.call();
  expect(requestsAt(bench, A, B)).toEqual([100, 100]);
});
