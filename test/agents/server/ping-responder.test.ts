import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import type { Hello } from '../../../lib/protocol/hello.js';
import type { Content, NegotiatedRequest, Ping } from '../../../lib/protocol/messages.js';
import type { FakeServerSocket } from '../../support/fake-sockets.js';
import { ServerBench } from '../../support/server-bench.js';

const hello: Hello = { protocol: 2, id: 'client', capabilities: [], state: 'ready', load: 0 };
const ping = {
  type: 'ping',
  dialect: 'negotiated',
  id: '7',
  time: 'now',
  hello,
} as const satisfies Ping;
const { type, content: body } = encodeBody('data');
const request: NegotiatedRequest<Content> = {
  type: 'request',
  dialect: 'negotiated',
  id: '42',
  body,
  headers: { pattern: 'echo', type, attempt: 1 },
};

async function listening() {
  const bench = new ServerBench();
  const socket = await bench.listen();
  return { bench, socket, readiness: bench.agent.readiness };
}

/** The state in each PONG that the peer got since the last look, and which PING it answers. */
function pongsTo(peer: string, socket: FakeServerSocket) {
  return socket
    .receivedBy(peer)
    .map((pong) =>
      pong.type === 'pong' && pong.dialect === 'negotiated'
        ? [pong.id, pong.hello.state]
        : pong.type,
    );
}

describe('setReady', () => {
  test('tells each client at once, in the PONG to its latest PING', async () => {
    const { bench, socket, readiness } = await listening();
    socket.hears('a', ping);
    socket.hears('b', { ...ping, id: '8' });
    await bench.settle();
    expect(pongsTo('a', socket)).toEqual([['7', 'ready']]);
    expect(pongsTo('b', socket)).toEqual([['8', 'ready']]);
    readiness.setReady(false);
    expect(pongsTo('a', socket)).toEqual([['7', 'unready']]);
    expect(pongsTo('b', socket)).toEqual([['8', 'unready']]);
    readiness.setReady(true);
    expect(pongsTo('a', socket)).toEqual([['7', 'ready']]);
  });

  test('tells nobody what they know already', async () => {
    const { bench, socket, readiness } = await listening();
    socket.hears('a', ping);
    await bench.settle();
    expect(pongsTo('a', socket)).toHaveLength(1);
    readiness.setReady(true);
    expect(pongsTo('a', socket)).toEqual([]);
    readiness.setReady(false);
    readiness.setReady(false);
    expect(pongsTo('a', socket)).toHaveLength(1);
  });

  test('needs the check to agree', async () => {
    const { bench, socket, readiness } = await listening();
    bench.isReady = () => Promise.resolve(false);
    socket.hears('a', ping);
    await bench.settle();
    readiness.setReady(false);
    readiness.setReady(true);
    expect(pongsTo('a', socket).map(([, state]) => state)).toEqual([
      'unready',
      'unready',
      'unready',
    ]);
  });

  test('is what later PINGs are told, although the check says ready', async () => {
    const { bench, socket, readiness } = await listening();
    readiness.setReady(false);
    for (let n = 0; n < 3; n++) {
      bench.clock.advance(1000);
      socket.hears('a', ping);
      await bench.settle();
      expect(pongsTo('a', socket)).toEqual([['7', 'unready']]);
    }
  });

  test('is silence in the older dialects', async () => {
    const { bench, socket, readiness } = await listening();
    readiness.setReady(false);
    socket.hears('basic', { type: 'ping', dialect: 'basic' });
    await bench.settle();
    expect(socket.receivedBy('basic')).toEqual([]);
    readiness.setReady(true);
    socket.hears('basic', { type: 'ping', dialect: 'basic' });
    expect(socket.receivedBy('basic')).toHaveLength(1);
  });

  test('stops nothing: what runs is answered, and what comes is run', async () => {
    const { bench, socket, readiness } = await listening();
    socket.hears('a', request);
    readiness.setReady(false);
    socket.hears('a', { ...request, id: '43' });
    expect(bench.calls).toHaveLength(2);
    for (const call of bench.calls) call.complete();
    expect(socket.receivedBy('a')).toMatchObject([
      { id: '42', headers: { status: 'end' } },
      { id: '43', headers: { status: 'end' } },
    ]);
  });

  test('does not hide that the server drains', async () => {
    const { bench, socket, readiness } = await listening();
    socket.hears('a', request);
    bench.agent.drain(10_000);
    readiness.setReady(false);
    socket.hears('a', ping);
    expect(readiness.state).toBe('draining');
    expect(pongsTo('a', socket)).toEqual([['7', 'draining']]);
  });
});

describe('isReady', () => {
  test('asks the check of a server that nobody has pinged yet', async () => {
    const { bench, readiness } = await listening();
    bench.isReady = () => Promise.resolve(false);
    expect(await readiness.isReady()).toBe(false);
    expect(readiness.state).toBe('unready');
  });

  test('shares one check per interval with the PINGs of clients', async () => {
    const { bench, socket, readiness } = await listening();
    let checks = 0;
    let answer = (_isReady: boolean) => {};
    bench.isReady = () => {
      checks++;
      return new Promise((resolve) => (answer = resolve));
    };
    socket.hears('a', ping);
    const told = [readiness.isReady(), readiness.isReady()];
    answer(false);
    expect(await Promise.all(told)).toEqual([false, false]);
    expect(await readiness.isReady()).toBe(false);
    expect(checks).toBe(1);
    bench.clock.advance(1000);
    const later = readiness.isReady();
    answer(true);
    expect(await later).toBe(true);
    expect(checks).toBe(2);
  });

  test('is false after a second if the check hangs', async () => {
    const { bench, readiness } = await listening();
    bench.isReady = () => new Promise(() => {});
    const told = readiness.isReady();
    bench.clock.advance(1000);
    expect(await told).toBe(false);
  });

  test('is false while the server is set unready, drains, or has closed', async () => {
    const { bench, socket, readiness } = await listening();
    expect(await readiness.isReady()).toBe(true);
    readiness.setReady(false);
    expect(await readiness.isReady()).toBe(false);
    readiness.setReady(true);
    expect(await readiness.isReady()).toBe(true);
    socket.hears('a', request);
    bench.agent.drain(10_000);
    expect(await readiness.isReady()).toBe(false);
    bench.agent.close();
    expect(await readiness.isReady()).toBe(false);
  });

  test('is false if the server closes meanwhile', async () => {
    const { bench, readiness } = await listening();
    bench.isReady = () => new Promise(() => {});
    const told = readiness.isReady();
    bench.agent.close();
    expect(await told).toBe(false);
  });
});
