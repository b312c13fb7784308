import { expect, test } from 'vitest';
import { A, B, ClientBench } from '../../support/client-bench.js';

const EVENT = { kind: 'event' } as const;

function told(bench: ClientBench, endpoint: string) {
  const [event, ...others] = bench.server(endpoint).told();
  if (event?.type !== 'event' || others.length > 0) throw new Error('expected one event');
  return event;
}

test('an event is complete once a server has accepted it', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  const call = bench.call({ ...EVENT, pattern: 'created', data: { id: 7 } });
  const event = told(bench, A);
  expect(event).toMatchObject({ body: Buffer.from('{"id":7}'), headers: { pattern: 'created' } });
  expect(call.ends).toEqual([]);
  bench.sockets.to(A).says({ type: 'ack', id: event.id });
  bench.sockets.to(A).says({ type: 'ack', id: event.id });
  expect(call).toMatchObject({ values: [], ends: ['complete'] });
  expect(bench.agent.stats()).toMatchObject({ pending: 0, dropped: { 'unknown-ack': 1 } });
});

test('an event that is not accepted goes to another server', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  const call = bench.call(EVENT);
  bench.server(A).lost();
  bench.sockets.to(B).says({ type: 'ack', id: told(bench, B).id });
  expect(call.ends).toEqual(['complete']);
});

test('a refused event goes to another server', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  bench.call({ ...EVENT, idempotent: false });
  const { id } = told(bench, A);
  const headers = { status: 'refused', type: 'json' } as const;
  const body = Buffer.from('{"reason":"draining"}');
  bench.sockets.to(A).says({ type: 'reply', dialect: 'negotiated', id, body, headers });
  expect(told(bench, B)).toMatchObject({ headers: { attempt: 1 } });
});

test('an older server gets an event as a request, whose reply accepts it', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.server(A).accept().pong('tracked');
  const call = bench.call({ ...EVENT, pattern: 'created', data: 1 });
  const [request] = bench.server(A).requests();
  expect(request).toMatchObject({ body: Buffer.from('{"pattern":"created","data":1}') });
  if (request) bench.server(A).reply(request, 'whatever');
  expect(call.ends).toEqual(['complete']);
});
