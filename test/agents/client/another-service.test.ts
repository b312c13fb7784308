import { expect, test } from 'vitest';
import { A, B, callRequest, ClientBench } from '../../support/client-bench.js';

const up = (bench: ClientBench, endpoint: string, service?: string) =>
  bench
    .server(endpoint)
    .accept()
    .pong('negotiated', service === undefined ? {} : { service });

test('a server that names another service gets no calls, and says why', () => {
  const bench = new ClientBench({ service: 'orders' });
  up(bench, A, 'billing');
  up(bench, B, 'orders');
  const calls = [bench.call(), bench.call()];
  expect(bench.server(B).requests()).toHaveLength(2);
  expect(calls.map(({ ends }) => ends)).toEqual([[], []]);
  expect(bench.agent.stats().endpoints[A]).toMatchObject({ state: 'dead', service: 'billing' });
});

test('if there is no other, the error says which service is there', () => {
  const bench = new ClientBench({ endpoints: [A], service: 'orders', connectTimeout: 50 });
  up(bench, A, 'billing');
  const call = bench.call();
  bench.clock.advance(50);
  expect(call.code).toBe('ECONNREFUSED');
  expect(String(call.ends[0])).toContain('it is a server of billing, not of orders');
});

test('it is used once it names the right one, and so is one that names none', () => {
  const bench = new ClientBench({ endpoints: [A], service: 'orders' });
  up(bench, A, 'billing');
  bench.clock.advance(10_000);
  up(bench, A, 'orders');
  expect(bench.states).toEqual(['alive']);
  const unnamed = new ClientBench({ endpoints: [A], service: 'orders' });
  up(unnamed, A);
  expect(unnamed.states).toEqual(['alive']);
});

test('a client that looks for none uses any', () => {
  const bench = new ClientBench({ endpoints: [A] });
  up(bench, A, 'billing');
  expect(bench.states).toEqual(['alive']);
});

test('while others are there, it is probed ever less often', () => {
  const bench = new ClientBench({ service: 'orders' });
  up(bench, B, 'orders');
  const probes = () => bench.sockets.connections.filter(({ endpoint }) => endpoint === A).length;
  for (let second = 0; second < 60; second++) {
    up(bench, A, 'billing');
    bench.beat(1000, B);
  }
  expect(probes()).toBeGreaterThan(5);
  expect(probes()).toBeLessThan(30);
});

test('a broadcast does not miss it', () => {
  const bench = new ClientBench({ service: 'orders' });
  up(bench, A, 'billing');
  up(bench, B, 'orders');
  const values: unknown[] = [];
  const outcomes: unknown[] = [];
  bench.agent.broadcast(callRequest(), {
    next: (value) => values.push(value),
    done: (all) => outcomes.push(...all),
    error: (error) => outcomes.push(error),
  });
  const [request] = bench.server(B).requests();
  if (request) bench.server(B).reply(request, 'here');
  expect(values).toEqual(['here']);
  expect(outcomes).toEqual([{ endpoint: B, type: 'answered' }]);
});
