import { expect, test } from 'vitest';
import { A, B, ClientBench } from '../../support/client-bench.js';

const cancelled = { type: 'cancel', id: '1' };

test('a caller that gives up stops the work at the server', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  const call = bench.call();
  call.cancel();
  call.cancel();
  expect(bench.server(A).told()).toEqual([cancelled]);
});

test('so does a deadline that passes, and an attempt that is given up', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  bench.call({ timeout: 100 });
  bench.clock.advance(100);
  expect(bench.server(A).told()).toEqual([cancelled]);
  bench.call({ requestTimeout: 100 });
  bench.clock.advance(100);
  expect(bench.server(B).told()).toEqual([{ type: 'cancel', id: '2' }]);
});

test('so does a value that cannot be read: the rest of the stream is of no use', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  const call = bench.call();
  const [request] = bench.server(A).requests();
  if (request?.dialect !== 'negotiated') throw new Error('expected a negotiated request');
  const headers = { status: 'next', type: 'json' } as const;
  bench.sockets.to(A).says({ ...request, type: 'reply', body: Buffer.from('{'), headers });
  expect(call.code).toBe('PROTOCOL');
  expect(bench.server(A).told()).toEqual([cancelled]);
  expect(bench.agent.stats()).toMatchObject({ pending: 0, endpoints: { [A]: { pending: 0 } } });
});

test('an answered call is not cancelled', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  const call = bench.call();
  for (const request of bench.server(A).requests()) bench.server(A).reply(request, 'done');
  call.cancel();
  expect(bench.server(A).told()).toEqual([]);
});

test('a server that cannot cancel is not asked to', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench
    .server(A)
    .accept()
    .pong('negotiated', { capabilities: ['stream'] });
  bench.call().cancel();
  expect(bench.server(A).told()).toEqual([]);
});

test('a client that closes says goodbye to those who understand it', () => {
  const bench = new ClientBench();
  bench.up(A);
  bench.server(B).accept().pong('tracked');
  bench.call();
  bench.agent.close();
  expect(bench.server(A).told()).toEqual([{ type: 'goodbye' }]);
  expect(bench.server(B).told()).toEqual([]);
});

test('a server that says goodbye keeps its calls and gets no new ones', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  const call = bench.call();
  const [request] = bench.server(A).requests();
  bench.sockets.to(A).says({ type: 'goodbye' });
  bench.call();
  bench.call();
  expect(bench.server(A).requests()).toEqual([]);
  if (request) bench.server(A).reply(request, 'done');
  expect(call.values).toEqual(['done']);
  expect(bench.states).toEqual(['draining', 'alive']);
});
