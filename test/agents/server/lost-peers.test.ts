import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import type { FakeServerSocket } from '../../support/fake-sockets.js';
import { ServerBench } from '../../support/server-bench.js';
import { answersTo, calls, callsUntyped, emits, says } from '../../support/server-messages.js';

/** A server that knows these clients, and is told by name whose connection ends. */
async function serving(clients: readonly string[], options = {}) {
  const bench = new ServerBench(options);
  const socket = await bench.listen();
  for (const client of clients) says(socket, client, { capabilities: ['drain', 'pack'] });
  await bench.settle();
  for (const client of clients) socket.receivedBy(client);
  const loses = (client: string) => socket.listener.onPeerLost(socket.peer(client));
  const stopped = () => bench.calls.map(({ signal }) => signal.aborted);
  return { bench, socket, loses, stopped };
}

/** Whether its next PONG says that something was lost. */
async function hearsOfLoss(bench: ServerBench, socket: FakeServerSocket, client: string) {
  says(socket, client);
  await bench.settle();
  return socket
    .receivedBy(client)
    .some((pong) => pong.type === 'pong' && pong.dialect === 'negotiated' && pong.hello.lost);
}

describe('a client whose connection has ended', () => {
  test('has its jobs stopped at once, and no other client is probed', async () => {
    const { bench, socket, loses, stopped } = await serving(['a', 'b']);
    calls(socket, 'a', '1');
    calls(socket, 'b', '1');
    loses('a');
    expect(stopped()).toEqual([true, false]);
    expect(bench.agent.stats()).toMatchObject({ clients: 1, running: 1, abandoned: 1 });
    bench.clock.advance(5000);
    expect(socket.receivedBy('b')).toEqual([]);
  });

  test('has its waiting calls withdrawn before its places are given to others', async () => {
    const { bench, socket, loses, stopped } = await serving(['a', 'b'], { maxConcurrency: 1 });
    calls(socket, 'a', '1');
    calls(socket, 'a', '2');
    calls(socket, 'b', '1');
    loses('a');
    expect(stopped()).toEqual([true, false]);
    expect(bench.calls.map(({ request }) => request.clientId)).toEqual(['a', 'b']);
    expect(bench.agent.stats()).toMatchObject({ running: 1, queued: 0 });
  });

  test('of the older dialects has its jobs stopped, too', async () => {
    const { bench, socket, loses, stopped } = await serving([]);
    callsUntyped(socket, 'old', '1');
    callsUntyped(socket, 'older', '1');
    loses('old');
    expect(stopped()).toEqual([true, false]);
    expect(bench.agent.stats()).toMatchObject({ running: 1 });
  });

  test('keeps the places of handlers that still run, and is forgotten once they end', async () => {
    const { bench, socket, loses } = await serving(['a', 'b'], { maxConcurrency: 1 });
    bench.whenCalled = (call) => call.handlerBegan();
    calls(socket, 'a', '1');
    calls(socket, 'b', '1');
    loses('a');
    expect(bench.agent.stats()).toMatchObject({ clients: 1, running: 1, lingering: 1, queued: 1 });
    bench.calls[0]?.handlerEnded();
    expect(bench.agent.stats()).toMatchObject({ running: 1, lingering: 0, queued: 0 });
    expect(bench.calls.map(({ request }) => request.clientId)).toEqual(['a', 'b']);
  });

  test('does not have its accepted events stopped', async () => {
    const { bench, socket, loses } = await serving(['a']);
    emits(socket, 'a', '1');
    loses('a');
    expect(bench.agent.stats()).toMatchObject({ running: 1, clients: 0 });
    bench.runningEvents[0]?.over();
    expect(bench.agent.stats()).toMatchObject({ running: 0 });
  });

  test('gets nothing that waited for the end of the turn, which counts as undelivered', async () => {
    const { bench, socket, loses } = await serving(['a']);
    calls(socket, 'a', '1');
    calls(socket, 'a', '2');
    bench.calls[0]?.last(encodeBody('one'));
    loses('a');
    bench.turns.end();
    expect(answersTo(socket, 'a')).toEqual([]);
    expect(bench.agent.stats()).toMatchObject({ undelivered: 1, abandoned: 1 });
  });

  test('is not told of losses if its routing id comes again, since that is another client', async () => {
    const { bench, socket, loses } = await serving(['a', 'b']);
    for (const client of ['a', 'b']) {
      calls(socket, client, '1');
      socket.gone.add(client);
    }
    for (const call of bench.calls) call.last(encodeBody('lost'));
    bench.turns.end();
    socket.gone.clear();
    loses('a');
    // The connection of that one stands: it has only not read for long, and is forgotten.
    bench.clock.advance(20_000);
    expect(await hearsOfLoss(bench, socket, 'a')).toBe(false);
    expect(await hearsOfLoss(bench, socket, 'b')).toBe(true);
  });

  test('does not delay a server that drains', async () => {
    const { bench, socket, loses } = await serving(['a', 'b']);
    calls(socket, 'a', '1');
    bench.agent.drain(10_000);
    says(socket, 'b', { capabilities: ['drain'], state: 'draining' });
    expect(bench.leftAt).toEqual([]);
    loses('a');
    expect(bench.leftAt).toHaveLength(1);
  });

  test('need not have been heard before', async () => {
    const { bench, loses } = await serving(['a']);
    loses('nobody');
    loses('nobody');
    expect(bench.agent.stats()).toMatchObject({ clients: 1, undelivered: 0 });
  });
});
