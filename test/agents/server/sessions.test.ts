import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import type { Hello } from '../../../lib/protocol/hello.js';
import type { RequestHeaders } from '../../../lib/protocol/headers.js';
import { PackWriter } from '../../../lib/protocol/pack-writer.js';
import type { FakeServerSocket } from '../../support/fake-sockets.js';
import { ServerBench } from '../../support/server-bench.js';

const bytes = (text: string) => Buffer.from(text);

async function listening() {
  const bench = new ServerBench();
  return { bench, socket: await bench.listen() };
}

function ping(socket: FakeServerSocket, peer: string, hello: Partial<Hello> = {}) {
  socket.hears(peer, {
    type: 'ping',
    dialect: 'negotiated',
    id: '1',
    time: 't',
    hello: {
      protocol: 2,
      id: `client ${peer}`,
      capabilities: [],
      state: 'ready',
      load: 0,
      ...hello,
    },
  });
}

function call(
  socket: FakeServerSocket,
  peer: string,
  id: string,
  headers: Partial<RequestHeaders> = {},
) {
  socket.hears(peer, {
    type: 'request',
    dialect: 'negotiated',
    id,
    body: bytes('1'),
    headers: { pattern: 'work', type: 'json', attempt: 1, ...headers },
  });
}

test('CANCEL stops the call with that id of that client only', async () => {
  const { bench, socket } = await listening();
  call(socket, 'a', '1');
  call(socket, 'a', '2');
  call(socket, 'b', '1');
  socket.hears('a', { type: 'cancel', id: '1' });
  socket.hears('a', { type: 'cancel', id: '1' });
  socket.hears('c', { type: 'cancel', id: '2' });
  expect(bench.calls.map(({ signal }) => signal.aborted)).toEqual([true, false, false]);
  expect(bench.agent.stats()).toMatchObject({ running: 2, abandoned: 1 });
});

test('GOODBYE stops everything that runs for that client', async () => {
  const { bench, socket } = await listening();
  call(socket, 'a', '1');
  call(socket, 'a', '2');
  call(socket, 'b', '1');
  socket.hears('a', { type: 'goodbye' });
  expect(bench.calls.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
  expect(bench.agent.stats().clients).toBe(1);
});

test('a deadline stops a running call, and keeps an expired one from running', async () => {
  const { bench, socket } = await listening();
  call(socket, 'a', '1', { timeout: 500 });
  call(socket, 'a', '2', { timeout: 0 });
  expect(bench.calls).toHaveLength(1);
  expect(socket.receivedBy('a')).toMatchObject([{ id: '2', headers: { status: 'refused' } }]);
  bench.clock.advance(499);
  expect(bench.agent.stats().running).toBe(1);
  bench.clock.advance(1);
  expect(bench.calls[0]?.signal.aborted).toBe(true);
});

test('a call that is repeated while it runs does not run twice', async () => {
  const { bench, socket } = await listening();
  call(socket, 'a', '1');
  call(socket, 'a', '1', { attempt: 2 });
  call(socket, 'b', '1');
  expect(bench.calls).toHaveLength(2);
});

test('when a connection ends, clients that are gone are found, and their jobs are stopped', async () => {
  const { bench, socket } = await listening();
  for (const peer of ['a', 'b', 'idle']) ping(socket, peer);
  await bench.settle();
  call(socket, 'a', '1');
  call(socket, 'b', '1');
  for (const peer of ['a', 'b', 'idle']) socket.receivedBy(peer);
  socket.gone.add('a');
  socket.listener.onPeerLost();
  expect(bench.calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  expect(socket.receivedBy('b')).toMatchObject([{ type: 'pong', id: '1' }]);
  expect(socket.receivedBy('idle')).toEqual([]);
  expect(bench.agent.stats().undelivered).toBe(1);
});

test('a call that a client sent before it was gone is stopped if the loss is reported after it', async () => {
  const { bench, socket } = await listening();
  ping(socket, 'a');
  await bench.settle();
  socket.gone.add('a');
  // Read after the event loop stood still: a PING, a call, and only then that a connection ended.
  ping(socket, 'a');
  call(socket, 'a', '1');
  socket.listener.onPeerLost();
  expect(bench.agent.stats()).toMatchObject({ running: 0, abandoned: 1 });
});

test('a call that a client sent before it was gone is stopped if the loss is reported before it', async () => {
  const { bench, socket } = await listening();
  for (const peer of ['a', 'b']) ping(socket, peer);
  await bench.settle();
  for (const peer of ['a', 'b']) socket.receivedBy(peer);
  socket.gone.add('a');
  socket.listener.onPeerLost();
  for (const [id, peer] of ['a', 'a', 'b', 'b'].entries()) call(socket, peer, String(id));
  expect(bench.agent.stats()).toMatchObject({ running: 2, abandoned: 2 });
  expect(bench.calls.map(({ request }) => request.clientId)).toEqual(['client b', 'client b']);
  expect(socket.receivedBy('b')).toMatchObject([{ type: 'pong' }]);
});

test('a client that did not read learns that messages were lost, once it reads again', async () => {
  const { bench, socket } = await listening();
  const lost = () => {
    ping(socket, 'a');
    const [pong] = socket.receivedBy('a');
    return pong?.type === 'pong' && pong.dialect === 'negotiated' && pong.hello.lost;
  };
  ping(socket, 'a');
  await bench.settle();
  socket.receivedBy('a');
  expect(lost()).toBeUndefined();
  call(socket, 'a', '1');
  socket.gone.add('a');
  bench.calls[0]?.next(encodeBody('does not arrive'));
  expect(bench.calls[0]?.signal.aborted).toBe(true);
  socket.gone.delete('a');
  expect([lost(), lost()]).toEqual([true, true]);
});

describe('a client that was forgotten because it stood still', () => {
  /** Whether its PONGs say that messages to it were lost. */
  async function returns(
    before: (socket: FakeServerSocket, bench: ServerBench) => void,
    ms: number,
  ) {
    const { bench, socket } = await listening();
    ping(socket, 'a');
    await bench.settle();
    before(socket, bench);
    bench.clock.advance(ms);
    expect(bench.agent.stats()).toMatchObject({ clients: 0, running: 0 });
    socket.receivedBy('a');
    ping(socket, 'a');
    await bench.settle();
    ping(socket, 'a');
    await bench.settle();
    return socket
      .receivedBy('a')
      .map((pong) => pong.type === 'pong' && pong.dialect === 'negotiated' && pong.hello.lost);
  }

  test('learns that its stream was stopped', async () => {
    const lost = await returns((socket, bench) => {
      call(socket, 'a', '1', { credit: 2 });
      bench.calls[0]?.next(encodeBody('a value'));
    }, 10_000);
    expect(lost).toEqual([true, true]);
  });

  test('learns it however long it stood still', async () => {
    expect(await returns((socket) => call(socket, 'a', '1'), 3_600_000)).toEqual([true, true]);
  });

  test('learns of no loss if it had nothing open', async () => {
    const lost = await returns((socket, bench) => {
      call(socket, 'a', '1');
      bench.calls[0]?.last(encodeBody('done'));
    }, 10_000);
    expect(lost).toEqual([undefined, undefined]);
  });
});

test('a client that has been silent for ten of its heartbeats is gone', async () => {
  const { bench, socket } = await listening();
  ping(socket, 'slow', { heartbeat: 5000 });
  ping(socket, 'usual');
  call(socket, 'slow', '1');
  call(socket, 'usual', '1');
  bench.clock.advance(9000);
  ping(socket, 'usual');
  bench.clock.advance(9999);
  expect(bench.agent.stats()).toMatchObject({ clients: 2, running: 2 });
  bench.clock.advance(1);
  expect(bench.agent.stats()).toMatchObject({ clients: 1, running: 1 });
  bench.clock.advance(50_000);
  expect(bench.agent.stats()).toMatchObject({ clients: 0, running: 0, abandoned: 2 });
});

test('an event is acknowledged, then handled with everything that its sender sent', async () => {
  const { bench, socket } = await listening();
  ping(socket, 'a');
  await bench.settle();
  socket.receivedBy('a');
  socket.hears('a', {
    type: 'event',
    id: '9',
    body: bytes('{"n":1}'),
    headers: { pattern: 'created', type: 'json', attempt: 2, metadata: { tenant: 'x' } },
  });
  expect(socket.receivedBy('a')).toEqual([{ type: 'ack', id: '9' }]);
  expect(bench.events).toMatchObject([
    {
      pattern: 'created',
      data: { n: 1 },
      attempt: 2,
      metadata: { tenant: 'x' },
      clientId: 'client a',
    },
  ]);
  expect(bench.agent.stats()).toMatchObject({ events: 1, accepted: 0 });
});

test('a client that goes on after GOODBYE in the same pack counts as a new one', async () => {
  const { bench, socket } = await listening();
  call(socket, 'a', '1');
  const pack = new PackWriter();
  pack.add({ type: 'goodbye' });
  pack.add({
    type: 'request',
    dialect: 'negotiated',
    id: '2',
    body: '1',
    headers: { pattern: 'work', type: 'json', attempt: 1 },
  });
  socket.hears('a', pack.take());
  expect(bench.calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  expect(bench.agent.stats()).toMatchObject({ clients: 1, running: 1 });
  socket.hears('a', { type: 'cancel', id: '2' });
  expect(bench.agent.stats().running).toBe(0);
});

test('losses of at most maxClients forgotten clients are remembered', async () => {
  const bench = new ServerBench({ maxClients: 2 });
  const socket = await bench.listen();
  for (const peer of ['a', 'b', 'c']) {
    call(socket, peer, '1');
    bench.clock.advance(10_000);
  }
  ping(socket, 'a');
  await bench.settle();
  ping(socket, 'c');
  const hasLost = (peer: string) =>
    socket
      .receivedBy(peer)
      .map((pong) => pong.type === 'pong' && pong.dialect === 'negotiated' && pong.hello.lost);
  expect([hasLost('a'), hasLost('c')]).toEqual([[undefined], [true]]);
});

test('a client with a short heartbeat is not taken for gone when it stands still for some seconds', async () => {
  const { bench, socket } = await listening();
  ping(socket, 'a', { heartbeat: 100 });
  bench.clock.advance(9999);
  expect(bench.agent.stats().clients).toBe(1);
  bench.clock.advance(1);
  expect(bench.agent.stats().clients).toBe(0);
});
