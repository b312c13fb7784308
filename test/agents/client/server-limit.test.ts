import { describe, expect, test } from 'vitest';
import type { FreelanceError } from '../../../lib/core/freelance-error.js';
import { A, B, ClientBench } from '../../support/client-bench.js';

const limited = (endpoints = [A, B]) => {
  const bench = new ClientBench({ endpoints, maxPendingPerServer: 2 });
  bench.up(...endpoints);
  return bench;
};

describe('a server that has all it may have', () => {
  test('gets no more: calls go to others', () => {
    const bench = limited();
    for (let n = 0; n < 2; n++) {
      bench.call();
      for (const request of bench.server(B).requests()) bench.server(B).reply(request, 'b');
      bench.call();
      for (const request of bench.server(B).requests()) bench.server(B).reply(request, 'b');
    }
    expect(bench.agent.stats().endpoints[A]?.pending).toBe(2);
    for (let n = 0; n < 2; n++) bench.call();
    expect(bench.server(A).requests()).toHaveLength(2);
    expect(bench.server(B).requests()).toHaveLength(2);
  });

  test('gets the next one when it has answered one', () => {
    const bench = limited([A]);
    for (let n = 0; n < 3; n++) bench.call({ data: `call ${n}` });
    const [first, second, ...others] = bench.server(A).requests();
    expect(others).toEqual([]);
    if (first) bench.server(A).reply(first, 'done');
    expect(bench.server(A).requests()).toHaveLength(1);
    if (second) bench.server(A).reply(second, 'one value', 'next');
    expect(bench.server(A).requests()).toEqual([]);
  });

  test('does not get them for ever: who waits too long hears OVERLOADED', () => {
    const bench = limited([A]);
    const calls = Array.from({ length: 3 }, () => bench.call({ requestTimeout: 60_000 }));
    bench.beat(5000, A);
    expect(calls.map(({ code }) => code)).toEqual([undefined, undefined, 'OVERLOADED']);
  });

  test('that then says it is about to leave gets none of those that waited for its room', () => {
    const bench = limited();
    for (let n = 0; n < 6; n++) bench.call();
    const [refused] = bench.server(A).requests();
    bench.server(B).requests();
    if (refused) bench.server(A).reply(refused, { reason: 'draining' }, 'refused');
    expect(bench.server(A).requests()).toEqual([]);
  });
});

test('the limit holds from the first PONG of each connection on', () => {
  const bench = limited([A]);
  bench.server(A).lost();
  bench.clock.advance(200);
  for (let n = 0; n < 5; n++) bench.call();
  bench.up(A);
  expect(bench.server(A).requests()).toHaveLength(2);
});

test('a server that refused a call as busy counts as full until its next PONG', () => {
  const loads: Record<string, number>[] = [];
  const bench = new ClientBench({
    balancer: {
      pick: (servers) => {
        loads.push(Object.fromEntries(servers.map(({ endpoint, load }) => [endpoint, load])));
        return servers[0];
      },
    },
  });
  bench.up(A, B);
  bench.call();
  for (const request of bench.server(A).requests()) {
    bench.server(A).reply(request, { reason: 'busy' }, 'refused');
  }
  bench.call();
  expect(loads.at(-1)).toEqual({ [A]: 1, [B]: 0 });
  bench.clock.advance(1000);
  bench.server(A).pong('negotiated', { load: 0.25 });
  bench.call();
  expect(loads.at(-1)).toEqual({ [A]: 0.25, [B]: 0 });
});

test('a call that waits for room when the client is closed has not run anywhere, and says so', () => {
  const bench = limited([A]);
  const calls = Array.from({ length: 4 }, () => bench.call());
  bench.agent.close();
  const ran = calls.map(({ ends: [error] }) => (error as FreelanceError).mayHaveRun);
  expect(calls.map(({ code }) => code)).toEqual(Array(4).fill('CLOSED'));
  expect(ran).toEqual([1, 1, 0, 0]);
});

test('a call that may have run, and is too large for the only server that is left, says that it may have run', () => {
  const bench = new ClientBench({ balancer: { pick: ([first]) => first } });
  bench.up(A);
  bench.server(B).accept().pong('negotiated', { maxMessageSize: 1000 });
  const call = bench.call({ data: 'x'.repeat(2000) });
  bench.server(A).requests();
  bench.server(A).lost();
  expect(call.ends).toMatchObject([
    { code: 'EMSGSIZE', mayHaveRun: 1, attempts: [{ endpoint: A }] },
  ]);
  expect(String(call.ends[0])).not.toContain('was not sent:');
});

test('a call that may have run when the balancer fails says that it may have run', () => {
  let picks = 0;
  const bench = new ClientBench({
    balancer: { pick: ([first]) => (picks++ === 0 ? first : (undefined as never)) },
  });
  bench.up(A, B);
  const call = bench.call();
  bench.server(A).requests();
  bench.server(A).lost();
  expect(call.ends).toMatchObject([{ code: 'BALANCER', mayHaveRun: 1 }]);
});

test('a call that ends while it is handed to a server on trial leaves its place there', () => {
  let picksLeft = Infinity;
  const bench = new ClientBench({
    balancer: {
      pick: (servers) => {
        if (picksLeft-- <= 0) throw new Error('a balancer that fails');
        return servers.find(({ endpoint }) => endpoint === B) ?? servers[0];
      },
    },
    maxFailures: 1,
    maxPendingPerServer: 2,
    connectTimeout: 60_000,
  });
  const slow = { requestTimeout: 60_000 };
  bench.up(A, B);
  bench.call({ requestTimeout: 100, idempotent: false });
  // It rests, and its connection is dropped shortly before that is over.
  bench.beat(2900, A, B);
  bench.clock.advance(100);
  bench.server(B).pong('negotiated', { lost: true });
  for (let n = 0; n < 2; n++) bench.call(slow);
  const [onTrial, next] = [bench.call(slow), bench.call(slow)];
  next.whenEnded = () => onTrial.cancel();
  bench.server(B).accept();
  bench.beat(200, A);
  picksLeft = 1;
  bench.server(B).pong();
  expect(next.ends).toMatchObject([{ code: 'BALANCER' }]);
  expect(bench.states).toEqual(['alive', 'suspect']);
  expect(bench.agent.stats().endpoints[B]?.pending).toBe(0);
});
