import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ChannelEnd, ChannelOptions } from '../../../lib/sockets/node/channel-options.js';
import { Channel } from '../../../lib/sockets/node/channel.js';
import { nullMechanism } from '../../../lib/zmtp/null-mechanism.js';

const sockets: Socket[] = [];
let server: Server;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

interface End {
  readonly channel: Channel;
  readonly socket: Socket;
  readonly heard: string[];
  readonly ends: ChannelEnd[];
  /** Called with each message. */
  onMessage: (text: string) => void;
}

function endOf(
  socket: Socket,
  socketType: 'DEALER' | 'ROUTER',
  more: Partial<ChannelOptions>,
): Promise<End> {
  sockets.push(socket);
  const options: ChannelOptions = {
    mechanism: nullMechanism({ socketType, routingId: Buffer.alloc(0) }),
    maxMessageSize: 10_000_000,
    mostQueuedBytes: 1_000_000,
    farewellMs: 0,
    lingerMs: 200,
    ...more,
  };
  return new Promise((resolve) => {
    const channel = new Channel(socket, options, {
      onAsk() {},
      onReady: () => resolve(end),
      onMessage([frame]) {
        end.heard.push(String(frame));
        end.onMessage(String(frame));
      },
      onEnded: (how) => end.ends.push(how),
    });
    const end: End = { channel, socket, heard: [], ends: [], onMessage() {} };
    channel.start();
  });
}

/** Both sides of a connection, after the handshake. */
async function pair(more: Partial<ChannelOptions> = {}): Promise<[client: End, server: End]> {
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('it has a port');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  const [other] = await accepted;
  return Promise.all([endOf(socket, 'DEALER', more), endOf(other, 'ROUTER', more)]);
}

const twenty = Array.from({ length: 20 }, (_, n) => `message ${n}`);

function busy(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

test.each([
  ['closes', ({ channel }: End) => channel.close()],
  ['resets', ({ socket }: End) => void socket.resetAndDestroy()],
])('what a peer had sent is heard before its end, if it %s while messages wait', async (_, end) => {
  const [client, other] = await pair();
  other.onMessage = (text) => {
    busy(6);
    if (text === 'message 0') end(client);
  };
  for (const text of twenty) client.channel.send([text]);
  await vi.waitFor(() => expect(other.ends).toHaveLength(1), { timeout: 60_000 });
  expect(other.heard).toEqual(twenty);
});

test('nor is what had arrived in the meantime lost, if it then resets', async () => {
  const [client, other] = await pair();
  // What the kernel still has is lost with a reset: not before the other side has taken it from there.
  const resetOnceRead = (after: number) => {
    const { bytesWritten } = client.socket;
    if (bytesWritten > after && other.socket.bytesRead === bytesWritten)
      client.socket.resetAndDestroy();
    else setImmediate(resetOnceRead, after);
  };
  other.onMessage = (text) => {
    busy(6);
    if (text !== 'message 0') return;
    setImmediate(() => {
      const { bytesWritten } = client.socket;
      client.channel.send(['late']);
      resetOnceRead(bytesWritten);
    });
  };
  for (const text of twenty) client.channel.send([text]);
  await vi.waitFor(() => expect(other.ends).toHaveLength(1), { timeout: 60_000 });
  expect(other.heard).toEqual([...twenty, 'late']);
});

test('who closes while messages wait reads on, so that the connection ends in good order', async () => {
  const [client, other] = await pair({ lingerMs: 600_000 });
  const errors: unknown[] = [];
  client.socket.on('error', (error) => errors.push(error));
  const closed = once(other.socket, 'close');
  other.onMessage = () => {
    busy(12);
    setImmediate(() => other.channel.close());
  };
  for (const text of twenty) client.channel.send([text.repeat(10_000)]);
  await closed;
  expect(other.heard.length).toBeLessThan(20);
  expect(errors).toEqual([]);
});

test('so does who closes when a message has used up the turn', async () => {
  const [client, other] = await pair({ lingerMs: 600_000 });
  const errors: unknown[] = [];
  client.socket.on('error', (error) => errors.push(error));
  const closed = once(other.socket, 'close');
  other.onMessage = () => {
    busy(12);
    other.channel.close();
  };
  for (const text of twenty) client.channel.send([text.repeat(10_000)]);
  await closed;
  expect(other.heard).toHaveLength(1);
  expect(errors).toEqual([]);
});

test('the event loop turns between the messages of a flood', async () => {
  const [client, other] = await pair();
  const turnsAt: number[] = [];
  const turn = () => {
    turnsAt.push(other.heard.length);
    if (other.heard.length < twenty.length) setImmediate(turn);
  };
  other.onMessage = (text) => {
    if (text === 'message 0') setImmediate(turn);
    busy(6);
  };
  for (const text of twenty) client.channel.send([text]);
  await vi.waitFor(() => expect(other.heard).toEqual(twenty), { timeout: 60_000 });
  // Two or three of them take the 10 ms that a turn may have.
  expect(new Set(turnsAt).size).toBeGreaterThan(4);
});

test('who closes is heard to the end by a peer that still sends, and resets nothing', async () => {
  const [client, other] = await pair();
  const errors: unknown[] = [];
  client.socket.on('error', (error) => errors.push(error));
  const flood = setInterval(() => client.channel.send(['x'.repeat(10_000)]), 1);
  try {
    for (const text of twenty) other.channel.send([text]);
    other.channel.close();
    await vi.waitFor(() => expect(client.ends).toHaveLength(1), { timeout: 60_000 });
  } finally {
    clearInterval(flood);
  }
  expect(client.heard).toEqual(twenty);
  expect(errors).toEqual([]);
  expect(other.heard).toEqual([]);
  expect(other.ends).toEqual([]);
});

test('a peer that never ends its side has until the end of the linger time', async () => {
  const [client, other] = await pair({ lingerMs: 50 });
  client.socket.removeAllListeners('end');
  const closed = once(other.socket, 'close');
  other.channel.close();
  await closed;
  expect(other.socket.destroyed).toBe(true);
});

test('what waits for a peer that does not read has a bound; one message has none', async () => {
  const [client, other] = await pair();
  other.socket.pause();
  expect(client.channel.send(['y'.repeat(9_000_000)])).toBe(true);
  let taken = 0;
  while (client.channel.send(['x'.repeat(100_000)])) if (++taken > 1000) break;
  expect(taken).toBeLessThan(200);
  other.socket.resume();
  await vi.waitFor(() => expect(other.heard).toHaveLength(taken + 1), { timeout: 60_000 });
  expect(client.channel.send(['again'])).toBe(true);
});

test('an end in the handshake tells what was said, and that it was not ready', async () => {
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('it has a port');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect({ port: address.port, host: '127.0.0.1' });
  sockets.push(socket);
  const [other] = await accepted;
  sockets.push(other);
  const ends: ChannelEnd[] = [];
  const options = {
    mechanism: nullMechanism({ socketType: 'ROUTER', routingId: Buffer.alloc(0) }),
    maxMessageSize: 1000,
    mostQueuedBytes: 1000,
    farewellMs: 0,
    lingerMs: 50,
  };
  const listener = { onAsk() {}, onReady() {}, onMessage() {} };
  new Channel(other, options, { ...listener, onEnded: (end) => ends.push(end) }).start();
  socket.write('SSH-2.0-OpenSSH_9.9\r\nand more');
  await vi.waitFor(() => expect(ends).toHaveLength(1), { timeout: 60_000 });
  expect(ends[0]).toMatchObject({ wasReady: false, failure: { code: 'not-zmtp' } });
  expect(String(ends[0]?.firstWords)).toContain('SSH-2.0-OpenSSH_9.9');
});
