import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
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
  onMessage: (frames: Buffer[]) => void,
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
    received.push(frame?.toString() ?? '');
  });
  const channel = await sender;
  await receiver;
  const writes: number[] = [];
  const write = socket.write.bind(socket);
  vi.spyOn(socket, 'write').mockImplementation((chunk: string | Uint8Array) => {
    writes.push(chunk.length);
    return write(chunk);
  });
  return { channel, writes, received };
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
