import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import { ServerBench } from '../../support/server-bench.js';
import { answersTo, calls, callsUntyped, emits, says } from '../../support/server-messages.js';

/** A server with security, which knows whose each of these connections is, and of which a key may have half. */
async function shared(owners: Record<string, string>, more = {}) {
  const bench = new ServerBench({
    maxConcurrency: 4,
    maxConcurrencyPerClient: 2,
    maxQueue: 4,
    ...more,
  });
  const socket = await bench.listen();
  for (const [peer, userId] of Object.entries(owners)) {
    socket.known.set(peer, { publicKey: userId, userId, address: '127.0.0.1' });
  }
  const begun = () => bench.calls.map(({ request }) => request.data);
  return { bench, socket, begun, stats: () => bench.agent.stats() };
}

describe('all connections of one key share its limits', () => {
  test('for places and for the queue', async () => {
    const { socket, begun, stats } = await shared({ a1: 'A', a2: 'A', b: 'B' });
    for (const id of ['1', '2', '3']) calls(socket, 'a1', id);
    for (const id of ['4', '5', '6']) calls(socket, 'a2', id);
    expect(begun()).toEqual(['1', '2']);
    expect(answersTo(socket, 'a2')).toEqual(['5 refused busy', '6 refused busy']);
    expect(stats()).toMatchObject({ running: 2, queued: 2, refusedPerClient: 2, keys: 1 });
    for (const id of ['7', '8']) calls(socket, 'b', id);
    expect(begun()).toEqual(['1', '2', '7', '8']);
    expect(stats()).toMatchObject({ running: 4, clients: 3, keys: 2 });
  });

  test('a free place goes to any of them that waits', async () => {
    const { bench, socket, begun } = await shared({ a1: 'A', a2: 'A' });
    for (const id of ['1', '2']) calls(socket, 'a1', id);
    calls(socket, 'a2', '3');
    bench.calls[0]?.last(encodeBody('done'));
    expect(begun()).toEqual(['1', '2', '3']);
  });

  test('in all dialects, and for events', async () => {
    const { socket, begun, bench, stats } = await shared({ a1: 'A', a2: 'A', a3: 'A' });
    callsUntyped(socket, 'a1', '1');
    emits(socket, 'a2', '2');
    calls(socket, 'a3', '3');
    callsUntyped(socket, 'a1', '4');
    callsUntyped(socket, 'a1', '5');
    expect(begun()).toEqual(['1']);
    expect(bench.events).toHaveLength(1);
    expect(answersTo(socket, 'a1')).toEqual([
      expect.stringContaining('The connections of your key have 4 calls and events open here'),
    ]);
    expect(stats()).toMatchObject({ running: 2, queued: 2, refusedPerClient: 1, keys: 1 });
  });

  test('also for a handler that still runs after its connection has left', async () => {
    const { bench, socket, begun } = await shared({ a1: 'A', a2: 'A' });
    for (const id of ['1', '2']) calls(socket, 'a1', id);
    for (const call of bench.calls) call.handlerBegan();
    socket.hears('a1', { type: 'goodbye' });
    calls(socket, 'a2', '3');
    expect(begun()).toEqual(['1', '2']);
    bench.calls[0]?.handlerEnded();
    expect(begun()).toEqual(['1', '2', '3']);
  });

  test('and nothing is kept of a key without connections and calls', async () => {
    const { bench, socket, stats } = await shared({ a1: 'A', a2: 'A', old: 'B' });
    for (const peer of ['a1', 'a2']) calls(socket, peer, peer);
    callsUntyped(socket, 'old', '1');
    expect(stats().keys).toBe(2);
    for (const call of bench.calls) call.last(encodeBody('done'));
    expect(stats().keys).toBe(1);
    callsUntyped(socket, 'old', '2');
    expect(stats().keys).toBe(2);
    bench.calls.at(-1)?.last(encodeBody('done'));
    expect(stats().keys).toBe(1);
    socket.hears('a1', { type: 'goodbye' });
    expect(stats().keys).toBe(1);
    socket.hears('a2', { type: 'goodbye' });
    expect(stats()).toMatchObject({ keys: 0, clients: 0, running: 0 });
  });
});

test('a client of the older dialects that was revoked counts until its handlers have ended', async () => {
  const { bench, socket, stats } = await shared({ old: 'A' });
  callsUntyped(socket, 'old', '1');
  bench.calls[0]?.handlerBegan();
  socket.unheard.add('old');
  socket.listener.onRevoked([]);
  expect(bench.calls[0]?.signal.aborted).toBe(true);
  expect(stats()).toMatchObject({ keys: 1, lingering: 1 });
  bench.calls[0]?.handlerEnded();
  expect(stats()).toMatchObject({ keys: 0, lingering: 0, running: 0 });
});

test('nothing is kept of a client that was silent for long, once its handlers have ended', async () => {
  const { bench, socket, stats } = await shared({ a1: 'A' });
  calls(socket, 'a1', '1');
  bench.calls[0]?.handlerBegan();
  bench.clock.advance(10_000);
  expect(stats()).toMatchObject({ keys: 1, clients: 0, lingering: 1 });
  bench.clock.advance(60_000);
  bench.calls[0]?.handlerEnded();
  expect(stats()).toMatchObject({ keys: 1, lingering: 0 });
  bench.clock.advance(10_000);
  expect(stats()).toMatchObject({ keys: 0, clients: 0 });
});

test.each([
  ['without security', undefined],
  ['anonymous', { publicKey: undefined, userId: undefined, address: undefined }],
])('each connection has its own share where clients are %s', async (_what, peer) => {
  const { bench, socket, begun } = await shared({});
  for (const name of peer ? ['c1', 'c2'] : []) if (peer) socket.known.set(name, peer);
  for (const id of ['1', '2', '3']) calls(socket, 'c1', id);
  for (const id of ['4', '5', '6']) calls(socket, 'c2', id);
  expect(begun()).toEqual(['1', '2', '4', '5']);
  expect(bench.agent.stats()).toMatchObject({ keys: 0, refusedPerClient: 0 });
});

describe('a key that has more than maxConnections', () => {
  const owners = { a1: 'A', a2: 'A', a3: 'A', a4: 'A', b1: 'B', b2: 'B' };

  test('loses its own connection that was silent longest, and no other client’s', async () => {
    const { bench, socket, stats } = await shared(owners, { maxConnections: 2 });
    for (const peer of ['b1', 'b2', 'a1', 'a2']) says(socket, peer);
    await bench.settle();
    for (const peer of ['a3', 'a4', 'a1', 'a2', 'a3']) says(socket, peer);
    expect(stats()).toMatchObject({ clients: 4, evicted: 5, evictedPerClient: 5, keys: 2 });
    // Those that are remembered still are who they said that they are.
    for (const peer of ['b1', 'b2']) calls(socket, peer, peer);
    expect(bench.calls.map(({ request }) => request.clientId)).toEqual(['b1', 'b2']);
  });

  test('keeps connections that have something open', async () => {
    const { bench, socket, stats } = await shared(owners, { maxConnections: 1 });
    for (const peer of ['a1', 'a2']) calls(socket, peer, peer);
    says(socket, 'a3');
    says(socket, 'a4');
    expect(stats()).toMatchObject({ clients: 3, evictedPerClient: 1 });
    socket.hears('a1', { type: 'cancel', id: 'a1' });
    expect(bench.calls[0]?.signal.aborted).toBe(true);
  });
});
