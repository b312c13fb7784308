import { expect, test } from 'vitest';
import { ServerBench } from '../../support/server-bench.js';

const call = (id: string) =>
  ({
    type: 'request',
    dialect: 'negotiated',
    id,
    body: '1',
    headers: { pattern: 'work', type: 'json', attempt: 1 },
  }) as const;

const alice = { publicKey: 'hers', userId: 'hers', address: '10.0.0.1' };

test('a call knows who made it, in every dialect', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  socket.known.set('a', alice);
  socket.hears('a', call('1'));
  socket.hears('b', call('1'));
  socket.hears('a', { type: 'request', dialect: 'basic', body: 'text' });
  socket.hears('a', { ...call('2'), type: 'event' } as never);
  expect(bench.calls.map(({ request }) => request.peer)).toEqual([alice, undefined, alice]);
  expect(bench.events.map(({ peer }) => peer)).toEqual([alice]);
});

test('a stranger is told so, and counted', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  socket.listener.onStranger(Buffer.from('x'));
  expect(socket.receivedBy('x')).toEqual([{ type: 'denied' }]);
  expect(bench.agent.stats().dropped).toEqual({ 'unknown sender': 1 });
  expect(bench.dropped).toEqual(['unknown sender']);
});

test('who is revoked is told so, and what runs for it is stopped', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  for (const peer of ['a', 'b']) socket.hears(peer, call('1'));
  socket.listener.onRevoked(Buffer.from('a'));
  expect(bench.calls.map(({ wasAbandoned }) => wasAbandoned)).toEqual([true, false]);
  expect(socket.receivedBy('a')).toEqual([{ type: 'denied' }]);
  expect(bench.agent.stats().clients).toBe(1);
});

test('connections that were refused are counted', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  socket.listener.onRefused();
  socket.listener.onRefused();
  expect(bench.agent.stats().unauthorized).toBe(2);
});
