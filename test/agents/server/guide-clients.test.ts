import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import type { ServerAgentOptions } from '../../../lib/agents/server/server-agent.js';
import { ServerBench } from '../../support/server-bench.js';
import { answersTo, calls, callsUntyped, says } from '../../support/server-messages.js';

/** A server that clients of the ZeroMQ guide know. */
async function serving(options: Partial<ServerAgentOptions> = {}) {
  const bench = new ServerBench({ servesGuide: true, ...options });
  const socket = await bench.listen();
  const hears = (peer: string, ...frames: string[]) => socket.hears(peer, frames);
  const asks = (peer: string, sequence: string) =>
    hears(peer, sequence, JSON.stringify({ pattern: 'work', data: sequence }));
  const end = (place: number, value: unknown = 'done') =>
    bench.calls[place]?.last(encodeBody(value));
  return { bench, socket, hears, asks, end };
}

const PONG = { type: 'pong', dialect: 'guide' };

describe('a server of which no client of the guide knows', () => {
  test.each([
    ['without the option', {}],
    ['with the option switched off', { servesGuide: false }],
  ])('counts and drops their messages as ever: %s', async (_what, options) => {
    const bench = new ServerBench(options);
    const socket = await bench.listen();
    socket.hears('guide', ['PING']);
    socket.hears('guide', ['1', '{"pattern":"work"}']);
    await bench.settle();
    expect(socket.receivedBy('guide')).toEqual([]);
    expect(bench.calls).toEqual([]);
    expect(bench.agent.stats().dropped).toEqual({ 'no-delimiter': 2 });
  });
});

describe('PING of the guide', () => {
  test('is answered with PONG alone', async () => {
    const { bench, socket, hears } = await serving();
    hears('guide', 'PING');
    await bench.settle();
    expect(socket.receivedBy('guide')).toEqual([PONG]);
  });

  test('is not answered by a server that is not ready, until it is', async () => {
    const { bench, socket, hears } = await serving();
    bench.agent.readiness.setReady(false);
    hears('guide', 'PING');
    await bench.settle();
    expect(socket.receivedBy('guide')).toEqual([]);
    bench.agent.readiness.setReady(true);
    hears('guide', 'PING');
    expect(socket.receivedBy('guide')).toEqual([PONG]);
  });

  test('is not answered by a server that leaves, which answers the calls it has accepted', async () => {
    const { bench, socket, hears, asks, end } = await serving();
    asks('guide', '1');
    bench.agent.drain(10_000);
    hears('guide', 'PING');
    await bench.settle();
    expect(socket.receivedBy('guide')).toEqual([]);
    end(0);
    expect(answersTo(socket, 'guide')).toEqual(['1 done']);
    // Such a client answers no GOODBYE, so its answer gets time to arrive.
    bench.clock.advance(99);
    expect(bench.leftAt).toEqual([]);
    bench.clock.advance(1);
    expect(bench.leftAt).toEqual([bench.clock.now()]);
  });
});

describe('a request of the guide', () => {
  test('is answered with its first frame, whatever that is, and the value', async () => {
    const { bench, socket, hears, end } = await serving();
    for (const control of ['1', 'PING', '\0\x01']) {
      hears('guide', control, '{"pattern":"sum","data":[1,2]}');
      expect(bench.calls.at(-1)?.request).toMatchObject({ pattern: 'sum', data: [1, 2] });
      end(bench.calls.length - 1, 3);
      const body = Buffer.from('3');
      expect(socket.receivedBy('guide')).toEqual([
        { type: 'reply', dialect: 'guide', id: control, body },
      ]);
    }
  });

  test('with other text, or several frames, is for the handler of raw requests', async () => {
    const { bench, hears } = await serving();
    hears('guide', '1', 'random name');
    hears('guide', '2', '', 'random', 'name');
    expect(bench.calls.map(({ request }) => [request.pattern, request.data])).toEqual([
      ['REQUEST', 'random name'],
      ['REQUEST', ['', 'random', 'name']],
    ]);
  });

  test('runs beside others of its client, and each answer finds its request', async () => {
    const { socket, asks, end } = await serving();
    for (const sequence of ['1', '2', '3']) asks('guide', sequence);
    end(2, 'c');
    end(0, 'a');
    end(1, 'b');
    expect(answersTo(socket, 'guide')).toEqual(['3 c', '1 a', '2 b']);
  });

  test('runs each time that it comes: RFC 10 does not say that its first frame is unique', async () => {
    const { bench, socket, asks, end } = await serving();
    asks('guide', 'same');
    asks('guide', 'same');
    expect(bench.calls).toHaveLength(2);
    end(0, 'one');
    end(1, 'two');
    expect(answersTo(socket, 'guide')).toEqual(['same one', 'same two']);
  });

  test('that fails is answered with an error as JSON', async () => {
    const { bench, socket, asks } = await serving();
    asks('guide', '1');
    bench.calls[0]?.error({ status: 'error', message: 'no such thing' });
    expect(answersTo(socket, 'guide')).toEqual(['1 {"status":"error","message":"no such thing"}']);
  });

  test('gets an error when the queue is full', async () => {
    const { bench, socket, asks, end } = await serving({ maxConcurrency: 1, maxQueue: 1 });
    for (const sequence of ['1', '2', '3']) asks('guide', sequence);
    const [answer = '', ...others] = answersTo(socket, 'guide');
    expect(answer).toMatch(/^3 \{"status":"error","message":"The server is busy: .*"\}$/);
    expect(others).toEqual([]);
    end(0);
    end(1);
    expect(answersTo(socket, 'guide')).toEqual(['1 done', '2 done']);
    expect(bench.agent.stats()).toMatchObject({ refused: { busy: 1 }, running: 0 });
  });

  test('takes no more than the share of one client', async () => {
    const { bench, asks } = await serving({ maxConcurrency: 4, maxConcurrencyPerClient: 2 });
    for (let sequence = 0; sequence < 5; sequence++) asks('greedy', String(sequence));
    asks('modest', '1');
    expect(bench.calls.map(({ request }) => request.data)).toEqual(['0', '1', '1']);
    expect(bench.agent.stats()).toMatchObject({ running: 3, queued: 3 });
  });

  test('is stopped when its client is gone, or revoked', async () => {
    const { bench, socket, asks } = await serving();
    asks('gone', '1');
    asks('revoked', '1');
    socket.listener.onPeerLost(socket.peer('gone'));
    socket.unheard.add('revoked');
    socket.listener.onRevoked([socket.peer('revoked')]);
    expect(bench.calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(socket.receivedBy('revoked')).toEqual([{ type: 'denied' }]);
    asks('revoked', '2');
    expect(bench.calls).toHaveLength(2);
    expect(bench.agent.stats().running).toBe(0);
  });
});

test('nonsense is counted by reason, and costs nobody else anything', async () => {
  const { bench, socket, hears, asks, end } = await serving();
  hears('guide', 'HELLO');
  hears('guide', 'PONG');
  hears('guide', 'x'.repeat(257), 'body');
  socket.hears('guide', [Buffer.from('1'), Buffer.from([0xff])]);
  socket.hears('guide', [Buffer.from('1'), Buffer.from('fine'), Buffer.from([0xff])]);
  asks('guide', '2');
  end(0);
  expect(answersTo(socket, 'guide')).toEqual(['2 done']);
  expect(bench.agent.stats()).toMatchObject({
    accepted: 1,
    dropped: { 'unknown-command': 2, 'invalid-id': 1, 'invalid-utf8': 2 },
  });
});

test('clients of all four dialects are served at once, even over one connection', async () => {
  const { bench, socket, hears, asks, end } = await serving();
  says(socket, 'any', {});
  socket.hears('any', { type: 'ping', dialect: 'basic' });
  socket.hears('any', { type: 'ping', dialect: 'tracked', id: '7', time: 't' });
  hears('any', 'PING');
  await bench.settle();
  // One that pings again before the first readiness check has ended gets one answer, to its latest PING.
  expect(socket.receivedBy('any')).toEqual([PONG]);
  calls(socket, 'any', '1');
  callsUntyped(socket, 'any', '2');
  asks('any', '3');
  socket.hears('any', { type: 'request', dialect: 'basic', body: Buffer.from('4') });
  for (let place = 0; place < 4; place++) end(place);
  expect(answersTo(socket, 'any')).toEqual(['1 last done', '2 done', '3 done', 'done']);
});
