import { describe, expect, test } from 'vitest';
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

test('a call has the authenticated peer, in every dialect', async () => {
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

test('an unknown sender gets DENIED, and is counted', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  socket.listener.onStranger(socket.peer('x'));
  expect(socket.receivedBy('x')).toEqual([{ type: 'denied' }]);
  expect(bench.agent.stats().dropped).toEqual({ 'unknown-sender': 1 });
  expect(bench.dropped).toEqual(['unknown-sender']);
});

test('a revoked client gets DENIED, and its jobs are stopped', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  for (const peer of ['a', 'b']) socket.hears(peer, call('1'));
  socket.listener.onRevoked([socket.peer('a')]);
  expect(bench.calls.map(({ wasAbandoned }) => wasAbandoned)).toEqual([true, false]);
  expect(socket.receivedBy('a')).toEqual([{ type: 'denied' }]);
  expect(bench.agent.stats().clients).toBe(1);
});

describe('after a revocation', () => {
  const older = { type: 'request', dialect: 'tracked', body: '{"pattern":"work"}' } as const;

  test.each([
    ['negotiated', call],
    ['tracked', (id: string) => ({ ...older, id })],
    ['basic', () => ({ ...older, dialect: 'basic' }) as const],
  ])(
    'nothing runs or waits for any of its connections, even if the socket has forgotten them: the %s dialect',
    async (_, ask) => {
      const bench = new ServerBench({ maxConcurrency: 2 });
      const socket = await bench.listen();
      for (const [peer, id] of [
        ['first', '1'],
        ['second', '2'],
        ['first', '3'],
        ['second', '4'],
        ['other', '5'],
      ] as const) {
        socket.hears(peer, ask(id));
      }
      expect(bench.calls).toHaveLength(2);
      for (const peer of ['first', 'second']) socket.unheard.add(peer);
      socket.listener.onRevoked([]);
      // The one of somebody else has its place; none of those that waited was given one on the way.
      expect(bench.calls.map(({ wasAbandoned }) => wasAbandoned)).toEqual([true, true, false]);
      for (const answered of bench.calls) answered.complete();
      bench.turns.end();
      for (const peer of ['first', 'second']) {
        expect(socket.receivedBy(peer)).toEqual([{ type: 'denied' }]);
      }
      expect(socket.receivedBy('other')).toMatchObject([{ type: 'reply' }]);
    },
  );

  test('later messages of the same pack are ignored', async () => {
    const bench = new ServerBench();
    const socket = await bench.listen();
    bench.whenCalled = () => {
      socket.unheard.add('a');
      socket.listener.onRevoked([]);
    };
    const headers = { pattern: 'work' };
    const pack = ['1', '2', '3'].map((id) => ['REQUEST', id, headers, 1]);
    socket.hears('a', ['', 'PACK', JSON.stringify(pack)]);
    expect(bench.calls).toHaveLength(1);
    expect(bench.agent.stats()).toMatchObject({ accepted: 1, running: 0, queued: 0, clients: 0 });
  });

  test('a PING that waits for the readiness check is not answered', async () => {
    const bench = new ServerBench();
    const socket = await bench.listen();
    socket.hears('a', { type: 'ping', dialect: 'tracked', id: '1', time: 't' } as never);
    socket.unheard.add('a');
    socket.listener.onRevoked([]);
    await bench.settle();
    expect(socket.receivedBy('a')).toEqual([]);
  });
});

test('refused connections are counted', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  socket.listener.onRefused('one');
  socket.listener.onRefused('another');
  expect(bench.agent.stats().unauthorized).toBe(2);
});
