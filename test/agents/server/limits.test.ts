import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import { ServerBench } from '../../support/server-bench.js';
import { answersTo, calls, callsUntyped, emits, says } from '../../support/server-messages.js';

/** A server of four places and room for four that wait, of which one client may have half. */
async function shared() {
  const bench = new ServerBench({ maxConcurrency: 4, maxConcurrencyPerClient: 2, maxQueue: 4 });
  const socket = await bench.listen();
  const begun = () => bench.calls.map(({ request }) => request.data);
  const end = (place: number) => bench.calls[place]?.last(encodeBody('done'));
  return { bench, socket, begun, end };
}

describe('the limit of one client', () => {
  test('is two places and two waiting jobs, though others are free; further calls are refused', async () => {
    const { bench, socket, begun } = await shared();
    for (const id of ['1', '2', '3', '4', '5']) calls(socket, 'a', id);
    expect(begun()).toEqual(['1', '2']);
    expect(bench.agent.stats()).toMatchObject({
      running: 2,
      queued: 2,
      refused: { busy: 1 },
      refusedPerClient: 1,
    });
    expect(answersTo(socket, 'a')).toEqual([expect.stringContaining('5 refused')]);
    calls(socket, 'b', '6');
    expect(begun()).toEqual(['1', '2', '6']);
  });

  test('lets a client pass waiting jobs of clients that are at their limit', async () => {
    const { socket, begun, end } = await shared();
    for (const id of ['1', '2', '3']) calls(socket, 'a', id);
    for (const id of ['4', '5', '6']) calls(socket, 'b', id);
    expect(begun()).toEqual(['1', '2', '4', '5']);
    end(2);
    expect(begun()).toEqual(['1', '2', '4', '5', '6']);
    end(0);
    expect(begun()).toEqual(['1', '2', '4', '5', '6', '3']);
  });

  test('counts events and calls of the older dialects, too', async () => {
    const { bench, socket } = await shared();
    for (let n = 0; n < 5; n++) emits(socket, 'a', String(n));
    for (let n = 0; n < 5; n++) callsUntyped(socket, 'b', String(n));
    expect(bench.agent.stats()).toMatchObject({
      running: 4,
      refused: { busy: 2 },
      refusedPerClient: 1,
    });
  });
});

describe('a call that is cancelled while its handler runs', () => {
  test('keeps its place until the handler has ended', async () => {
    const { bench, socket, begun } = await shared();
    for (const id of ['1', '2', '3']) calls(socket, 'a', id);
    bench.calls[0]?.handlerBegan();
    socket.hears('a', { type: 'cancel', id: '1' });
    expect(bench.agent.stats()).toMatchObject({ running: 2, lingering: 1, abandoned: 1 });
    expect(begun()).toEqual(['1', '2']);
    bench.calls[0]?.handlerEnded();
    bench.calls[0]?.handlerEnded();
    expect(begun()).toEqual(['1', '2', '3']);
    expect(bench.agent.stats()).toMatchObject({ running: 2, lingering: 0 });
  });

  test('counts for the limit of its client, and so does its queue', async () => {
    const { bench, socket, begun } = await shared();
    for (const id of ['1', '2']) {
      calls(socket, 'a', id);
      bench.calls.at(-1)?.handlerBegan();
      socket.hears('a', { type: 'cancel', id });
    }
    for (const id of ['3', '4', '5']) calls(socket, 'a', id);
    expect(begun()).toEqual(['1', '2']);
    expect(bench.agent.stats()).toMatchObject({ running: 2, queued: 2, refusedPerClient: 1 });
  });

  test('does not delay a server that drains', async () => {
    const { bench, socket } = await shared();
    calls(socket, 'a', '1');
    bench.calls[0]?.handlerBegan();
    socket.hears('a', { type: 'cancel', id: '1' });
    bench.agent.drain(60_000);
    bench.clock.advance(1000);
    expect(bench.leftAt).toHaveLength(1);
  });

  test('frees its place at once if the handler has ended before', async () => {
    const { bench, socket } = await shared();
    calls(socket, 'a', '1');
    bench.calls[0]?.handlerBegan();
    bench.calls[0]?.handlerEnded();
    socket.hears('a', { type: 'cancel', id: '1' });
    expect(bench.agent.stats()).toMatchObject({ running: 0, lingering: 0 });
  });

  test('still counts when its client leaves and comes back', async () => {
    const { bench, socket, begun } = await shared();
    for (const id of ['1', '2']) calls(socket, 'a', id);
    for (const call of bench.calls) call.handlerBegan();
    socket.hears('a', { type: 'goodbye' });
    expect(bench.agent.stats()).toMatchObject({ clients: 0, running: 2, lingering: 2 });
    calls(socket, 'a', '3');
    expect(begun()).toEqual(['1', '2']);
    expect(bench.agent.stats()).toMatchObject({ clients: 1, queued: 1 });
    for (const call of bench.calls) call.handlerEnded();
    expect(begun()).toEqual(['1', '2', '3']);
    // Who is gone, and whose handlers have ended, is forgotten.
    socket.hears('a', { type: 'goodbye' });
    bench.clock.advance(100_000);
    expect(bench.agent.stats()).toMatchObject({ clients: 0, running: 0, lingering: 0 });
  });
});

test('beyond maxClients the clients that were not heard recently are forgotten first', async () => {
  const bench = new ServerBench({ maxClients: 3 });
  const socket = await bench.listen();
  calls(socket, 'works', '1');
  for (const peer of ['a', 'b']) calls(socket, peer, peer);
  for (const each of bench.calls.slice(1)) each.last(encodeBody('done'));
  const forgotten = () => bench.agent.stats().evicted;
  for (let n = 0; n < 10; n++) {
    calls(socket, `new ${n}`, `${n}`);
    bench.calls.at(-1)?.last(encodeBody('done'));
    socket.hears('a', { type: 'cancel', id: 'nothing' });
  }
  expect(forgotten()).toBe(10);
  expect(bench.agent.stats().clients).toBe(3);
  socket.hears('works', { type: 'cancel', id: '1' });
  expect(bench.calls[0]?.signal.aborted).toBe(true);
});

test('a client that is heard regularly is remembered, however many others come', async () => {
  const bench = new ServerBench({ maxClients: 3 });
  const socket = await bench.listen();
  says(socket, 'a');
  for (let n = 0; n < 10; n++) {
    says(socket, `new ${n}`);
    calls(socket, 'a', String(n));
    bench.calls.at(-1)?.last(encodeBody('done'));
  }
  expect(bench.calls.map(({ request }) => request.clientId)).toEqual(Array(10).fill('a'));
  expect(bench.agent.stats()).toMatchObject({ clients: 3, evicted: 8 });
});

test('a client that left is counted correctly once its handlers have ended', async () => {
  const { bench, socket } = await shared();
  calls(socket, 'a', '1');
  bench.calls[0]?.handlerBegan();
  socket.hears('a', { type: 'goodbye' });
  expect(bench.agent.stats()).toMatchObject({ clients: 0, lingering: 1 });
  bench.calls[0]?.handlerEnded();
  bench.clock.advance(10_000);
  expect(bench.agent.stats()).toMatchObject({ clients: 0, lingering: 0 });
  says(socket, 'b');
  expect(bench.agent.stats().clients).toBe(1);
});

test('no answer is larger than its client accepts', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  says(socket, 'a', { maxMessageSize: 1000 });
  for (const id of ['1', '2']) calls(socket, 'a', id);
  bench.calls[0]?.last(encodeBody('x'.repeat(1000)));
  bench.calls[1]?.last(encodeBody('x'.repeat(1001)));
  expect(answersTo(socket, 'a')).toEqual([
    `1 last ${'x'.repeat(1000)}`,
    expect.stringMatching(/^2 error .*value .*maxMessageSize allows 1000/),
  ]);
});

test('an error that is too large is replaced by a short one', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  says(socket, 'a', { maxMessageSize: 1000 });
  calls(socket, 'a', '1');
  bench.calls[0]?.error('x'.repeat(1001));
  expect(answersTo(socket, 'a')).toEqual([
    expect.stringMatching(/^1 error .*error .*maxMessageSize allows 1000/),
  ]);
});
