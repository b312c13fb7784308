import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { type Frame, joined } from '../../../lib/frame.js';
import type { ChannelListener } from '../../../lib/sockets/node/channel-options.js';
import { Channel } from '../../../lib/sockets/node/channel.js';
import { nullMechanism } from '../../../lib/zmtp/null-mechanism.js';

const OPTIONS = {
  maxMessageSize: 1_000_000,
  mostQueuedBytes: 10_000_000,
  farewellMs: 0,
  lingerMs: 100,
};

const server = createServer({ allowHalfOpen: true });
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

function channelOf(
  socket: Socket,
  socketType: 'DEALER' | 'ROUTER',
  onMessage: (frames: Frame[]) => void,
) {
  sockets.push(socket);
  const mechanism = nullMechanism({ socketType, routingId: Buffer.alloc(0) });
  return new Promise<Channel>((ready) => {
    const listener: ChannelListener = {
      onReady: () => ready(channel),
      onMessage,
      onAsk() {},
      onEnded() {},
    };
    const channel = new Channel(socket, { ...OPTIONS, mechanism }, listener);
    channel.start();
  });
}

/** A channel, how large each of its writes is, and what its peer has received. */
async function aChannel() {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no address');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect({ port: address.port, allowHalfOpen: true });
  await once(socket, 'connect');
  const received: string[] = [];
  const sender = channelOf(socket, 'DEALER', () => {});
  const receiver = channelOf((await accepted)[0], 'ROUTER', ([frame]) => {
    received.push(frame ? joined(frame).toString() : '');
  });
  const channel = await sender;
  await receiver;
  const writes: number[] = [];
  const memory = new Set<ArrayBufferLike>();
  const write = socket.write.bind(socket);
  vi.spyOn(socket, 'write').mockImplementation((chunk: string | Uint8Array, then: unknown) => {
    writes.push(chunk.length);
    if (typeof chunk !== 'string') memory.add(chunk.buffer);
    return write(chunk, then as (() => void) | undefined);
  });
  return { channel, writes, received, memory, peer: (await accepted)[0] };
}

test('what is sent within a turn leaves in one write, at its end', async () => {
  const { channel, writes, received } = await aChannel();
  for (const text of ['a', 'b', 'c']) channel.send([text]);
  expect(writes).toEqual([]);
  await vi.waitFor(() => expect(received).toEqual(['a', 'b', 'c']));
  expect(writes).toEqual([9]);
});

test('a peer need not wait for the end of the turn once there is enough to work on', async () => {
  const { channel, writes, received } = await aChannel();
  const pack = 'p'.repeat(4096);
  channel.send([pack]);
  expect(writes).toHaveLength(1);
  channel.send(['the rest']);
  expect(writes).toHaveLength(1);
  await vi.waitFor(() => expect(received).toEqual([pack, 'the rest']));
  expect(writes).toHaveLength(2);
});

const textOf = (number: number) => String(number).padStart(100_000, `${number} `);

test('long texts that wait for a peer which does not read are not overwritten by those after them', async () => {
  const { channel, received, peer } = await aChannel();
  peer.pause();
  const texts = Array.from({ length: 90 }, (_, number) => textOf(number));
  for (const text of texts) {
    channel.send([text]);
    await new Promise(setImmediate);
  }
  expect(channel.outlet.bytes).toBeGreaterThan(0);
  peer.resume();
  await vi.waitFor(() => expect(received).toHaveLength(texts.length), 20_000);
  expect(received).toEqual(texts);
});

test('a long text takes no fresh memory once the one before it has left', async () => {
  const { channel, received, memory } = await aChannel();
  for (let number = 0; number < 20; number++) {
    channel.send([textOf(number)]);
    await vi.waitFor(() => expect(received).toHaveLength(number + 1), 20_000);
  }
  expect(memory.size).toBeLessThan(10);
});

test('what counts as sent never becomes less, also if the peer stands still and then resets the connection', async () => {
  const { channel, peer } = await aChannel();
  peer.pause();
  let sent = 0;
  const expectNoLess = () => {
    expect(channel.traffic.sent).toBeGreaterThanOrEqual(sent);
    sent = channel.traffic.sent;
  };
  // Several times what the system takes: the rest waits in the process.
  for (let number = 0; number < 90; number++) {
    for (let part = 0; part < 10; part++) channel.send([`${part}`.padEnd(10_000)]);
    await new Promise(setImmediate);
    expectNoLess();
  }
  const closed = new Promise((over) => channel.socket.once('close', over));
  peer.resetAndDestroy();
  await closed;
  expectNoLess();
  await new Promise(setImmediate);
  expectNoLess();
});
