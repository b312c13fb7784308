import { expect, test } from 'vitest';
import type { ServerTarget } from '../../../lib/core/server-target.js';
import {
  A,
  B,
  type BenchOptions,
  ClientBench,
  type ObservedCall,
  PACKS,
} from '../../support/client-bench.js';

/** A client of a server at A that speaks the guide dialect, and of ours at B if it is named. */
function clientOf(endpoints: readonly string[] = [A], options: BenchOptions = {}) {
  const targets = endpoints.map((endpoint): ServerTarget =>
    endpoint === A ? { endpoint, dialect: 'guide' } : { endpoint },
  );
  return new ClientBench({ targets, ...options });
}

const frames = (...texts: string[]) => texts.map((text) => Buffer.from(text));
const messageOf = ({ ends: [end] }: ObservedCall) => (end as Error).message;
const statsOf = (bench: ClientBench, endpoint = A) => bench.agent.stats().endpoints[endpoint];

test('it is sent PING alone, and no request before it has answered PONG', () => {
  const bench = clientOf();
  const call = bench.call({ pattern: 'sum', data: [1, 2] });
  const server = bench.server(A).accept();
  const { connection } = server;
  expect(connection.received()).toEqual([{ type: 'ping', dialect: 'guide' }]);
  expect(statsOf(bench)).toMatchObject({ state: 'connecting', dialect: undefined });
  connection.says(frames('PONG'));
  const requests = server.requests();
  expect(requests).toMatchObject([
    { dialect: 'guide', body: Buffer.from('{"pattern":"sum","data":[1,2]}') },
  ]);
  for (const request of requests) server.reply(request, 3);
  expect(call).toMatchObject({ values: [3], ends: ['complete'] });
  expect(statsOf(bench)).toMatchObject({ state: 'alive', dialect: 'guide', serverId: undefined });
});

test('one that does not answer PING is told from one that cannot be reached, with what to do', async () => {
  const bench = clientOf([A, B], { connectTimeout: 2000 });
  const connect = bench.agent.connect();
  bench.server(A).accept();
  const call = bench.call();
  bench.clock.advance(2000);
  const servers =
    `Servers: ${A} is connecting (it is connected, and does not answer a PING of the guide dialect); ${B} is connecting. ` +
    'A server of this library answers in the guide dialect only with its option guideIdentity, and while it is ready: ' +
    "give it that option, or leave out dialect: 'guide' at this client. Check that servers listen there";
  await expect(connect).rejects.toThrow(servers);
  expect(messageOf(call)).toContain(servers);

  // It is probed meanwhile: a fresh connection, and the same silence.
  bench.clock.advance(1000);
  bench.server(A).accept();
  const later = bench.call();
  bench.clock.advance(2000);
  expect(messageOf(later)).toContain(`${A} is dead (it is connected, and does not answer a PING`);
});

test('one that cannot be reached, or has answered, has no such advice', () => {
  const bench = clientOf([A], { connectTimeout: 2000 });
  const call = bench.call();
  bench.clock.advance(2000);
  expect(messageOf(call)).not.toContain('guide');
  const server = bench.server(A).accept().pong('guide');
  server.lost('it closed the connection');
  const next = bench.call();
  bench.clock.advance(2000);
  expect(messageOf(next)).toContain(`${A} is dead (it closed the connection)`);
  expect(messageOf(next)).not.toContain('guide');
});

test('it gets several requests at once, and its replies may come in any order', () => {
  const bench = clientOf();
  const server = bench.server(A).accept().pong('guide');
  const calls = [1, 2, 3].map((data) => bench.call({ data }));
  const requests = server.requests();
  expect(new Set(requests.map((request) => 'id' in request && request.id)).size).toBe(3);
  for (const [index, request] of [...requests.entries()].toReversed()) server.reply(request, index);
  expect(calls.map(({ values }) => values)).toEqual([[0], [1], [2]]);
});

test('raw text is sent as it is, and a reply of several frames is an array of their values', () => {
  const bench = clientOf();
  const server = bench.server(A).accept().pong('guide');
  const call = bench.call({ pattern: 'REQUEST', data: 'random name' });
  const [request] = server.requests();
  expect(request).toMatchObject({ dialect: 'guide', body: Buffer.from('random name') });
  if (request && 'id' in request) server.connection.says(frames(request.id, 'OK', '[1]'));
  expect(call.values).toEqual([['OK', [1]]]);
});

test('a reply that reads as an error of Nest fails the call', () => {
  const bench = clientOf();
  const server = bench.server(A).accept().pong('guide');
  const call = bench.call();
  const error = { status: 'error', message: 'no such thing' };
  for (const request of server.requests()) server.reply(request, error);
  expect(call.ends).toEqual([error]);
});

test('its reply to an event is the ACK', () => {
  const bench = clientOf();
  const server = bench.server(A).accept().pong('guide');
  const event = bench.call({ kind: 'event' });
  for (const request of server.requests()) server.reply(request, '');
  expect(event.ends).toEqual(['complete']);
});

test('a call that times out moves on; its late reply is dropped, and the connection stays', () => {
  const bench = clientOf([A, B]);
  const guide = bench.server(A).accept().pong('guide');
  const call = bench.call({ requestTimeout: 100, idempotent: true });
  const [late] = guide.requests();
  bench.up(B);
  bench.clock.advance(100);
  const [request] = bench.server(B).requests();
  expect(request).toMatchObject({ dialect: 'negotiated', headers: { attempt: 2 } });
  if (late) guide.reply(late, 'late');
  if (request) bench.server(B).reply(request, 'done');
  // The first answer counts, whose ever it is.
  expect(call.values).toHaveLength(1);
  expect(bench.server(A)).toBe(guide);
  expect(guide.connection.isClosed).toBe(false);
});

test('after a call was cancelled, its reply is dropped, and the server is told nothing', () => {
  const bench = clientOf();
  const server = bench.server(A).accept().pong('guide');
  const call = bench.call();
  const [request] = server.requests();
  call.cancel();
  expect(server.told()).toEqual([]);
  if (request) server.reply(request, 'late');
  expect(bench.agent.stats().dropped).toEqual({ 'unknown-reply': 1 });
  expect(server.connection.isClosed).toBe(false);
});

test('a lost one has its calls moved to a server of another dialect, and back', () => {
  const bench = clientOf([A, B]);
  bench.server(A).accept().pong('guide');
  const first = bench.call();
  expect(bench.server(A).requests()).toHaveLength(1);
  bench.server(B).accept().pong('negotiated', PACKS);
  bench.server(A).lost();
  bench.turns.end();
  for (const request of bench.server(B).requests()) bench.server(B).reply(request, 'moved');
  expect(first.values).toEqual(['moved']);
  bench.beat(20_000, B);
  bench.server(A).accept().pong('guide');
  bench.server(B).lost();
  const second = bench.call();
  for (const request of bench.server(A).requests()) bench.server(A).reply(request, 'back');
  expect(second.values).toEqual(['back']);
});

test('silence is noticed, and anything that it says is a proof of life', () => {
  const bench = clientOf();
  const server = bench.server(A).accept().pong('guide');
  const calls = [0, 1, 2, 3, 4].map((data) => bench.call({ data, requestTimeout: 60_000 }));
  for (const request of server.requests()) {
    bench.clock.advance(1000);
    server.reply(request, 'busy, not dead');
  }
  expect(calls.flatMap(({ values }) => values)).toHaveLength(5);
  expect(bench.server(A)).toBe(server);
  bench.clock.advance(3000);
  expect(statsOf(bench)?.state).toBe('dead');
  bench.server(A).accept().pong('guide');
  expect(statsOf(bench)?.state).toBe('alive');
});

test('its PONGs measure the latency where only one PING is out', () => {
  const bench = clientOf();
  const server = bench.server(A).accept();
  bench.clock.advance(40);
  server.pong('guide');
  expect(statsOf(bench)?.latencyMs).toBe(40);
});

test('what it must not say is counted and dropped, and the server stays', () => {
  const bench = clientOf();
  const { connection } = bench.server(A).accept().pong('guide');
  connection.says(frames('PING'));
  connection.says(frames('', 'PONG', 'server-1'));
  connection.says(frames('', 'GOODBYE'));
  connection.says(frames('', 'PACK', '[["GOODBYE"]]'));
  connection.says(frames('x'.repeat(257), 'body'));
  connection.says(frames('999', 'body'));
  connection.says([]);
  expect(bench.agent.stats().dropped).toEqual({
    'unknown-command': 4,
    'invalid-id': 1,
    'unknown-reply': 1,
    'no-delimiter': 1,
  });
  expect(statsOf(bench)?.state).toBe('alive');
});

test('it may deny a client as any server may', () => {
  const bench = clientOf();
  const { connection } = bench.server(A).accept().pong('guide');
  connection.says({ type: 'denied' });
  expect(connection.isClosed).toBe(true);
  const call = bench.call();
  expect(call.code).toBe('UNAUTHORIZED');
});

test('it is told nothing when the client leaves', () => {
  const bench = clientOf();
  const server = bench.server(A).accept().pong('guide');
  bench.agent.close();
  expect(server.told()).toEqual([]);
  expect(server.connection.isClosed).toBe(true);
});

test('a server of another dialect at its address is another server; what is in flight is still answered', () => {
  const bench = clientOf();
  const old = bench.server(A).accept().pong('guide');
  const call = bench.call();
  const [request] = old.requests();
  bench.agent.replaceServers([{ endpoint: A }]);
  expect(bench.server(A)).not.toBe(old);
  const next = bench.server(A).accept();
  expect(next.connection.received()).toMatchObject([{ type: 'ping', dialect: 'negotiated' }]);
  next.connection.says({
    type: 'pong',
    dialect: 'tracked',
    id: '1',
    time: bench.clock.now().toFixed(3),
  });
  expect(statsOf(bench)).toMatchObject({ state: 'alive', dialect: 'tracked' });
  expect(old.connection.isClosed).toBe(false);
  if (request) old.reply(request, 'late');
  expect(call.values).toEqual(['late']);
  expect(old.connection.isClosed).toBe(true);
});
