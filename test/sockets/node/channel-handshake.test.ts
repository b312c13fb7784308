import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Channel } from '../../../lib/sockets/node/channel.js';
import { turns } from '../../../lib/sockets/turns.js';
import { monotonicNow } from '../../../lib/node-timers.js';
import { encodeGreeting } from '../../../lib/zmtp/greeting.js';
import type { Mechanism } from '../../../lib/zmtp/mechanism.js';
import { nullMechanism } from '../../../lib/zmtp/null-mechanism.js';
import { nullServer } from '../../../lib/zmtp/null-server.js';
import { encodePing } from '../../../lib/zmtp/ping.js';
import { ready } from '../../fuzz/zmtp.js';

const mechanism = () => nullMechanism({ socketType: 'ROUTER', routingId: Buffer.alloc(0) });

/** Says nothing. */
const server = createServer();
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => server.close());

async function aChannel(
  own: Mechanism = mechanism(),
): Promise<{ channel: Channel; socket: Socket }> {
  const socket = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  await once(socket, 'connect');
  const options = {
    mechanism: own,
    maxMessageSize: 1000,
    mostQueuedBytes: 1000,
    farewellMs: 0,
    lingerMs: 100,
  };
  const channel = new Channel(socket, options, {
    onReady() {},
    onMessage() {},
    onAsk() {},
    onEnded() {},
  });
  channel.start();
  return { channel, socket };
}

function useUpTheTurn(): void {
  turns.begin();
  const began = monotonicNow();
  while (monotonicNow() - began < 20);
  turns.end();
}

/** Both sides have greeted, and the handshake is done. */
async function aReadyChannel() {
  const one = await aChannel();
  one.socket.emit('data', Buffer.concat([encodeGreeting(mechanism()), ready()]));
  expect(one.channel.session.state).toBe('ready');
  // What it has said has left.
  await new Promise(setImmediate);
  return one;
}

const PING = Buffer.concat([Buffer.from([4, encodePing(0).length]), encodePing(0)]);

test('a handshake waits for the event loop to turn, if others have used up this turn', async () => {
  const { channel, socket } = await aChannel();
  useUpTheTurn();
  socket.emit('data', encodeGreeting(mechanism()));
  expect(channel.session.state).toBe('greeting');
  expect(channel.isWaiting).toBe(true);
  await new Promise(setImmediate);
  expect(channel.session.state).toBe('handshake');
  expect(channel.isWaiting).toBe(false);
  socket.destroy();
});

test('a handshake does not wait, if nobody has', async () => {
  const { channel, socket } = await aChannel();
  socket.emit('data', encodeGreeting(mechanism()));
  expect(channel.session.state).toBe('handshake');
  socket.destroy();
});

test('so does whatever comes of a peer whose handshake is done: Node brings 2 MiB of it in a turn', async () => {
  const { channel, socket } = await aReadyChannel();
  useUpTheTurn();
  socket.emit('data', PING);
  expect(channel.session.outputBytes).toBe(0);
  expect(channel.isWaiting).toBe(true);
  await new Promise(setImmediate);
  expect(channel.isWaiting).toBe(false);
  socket.destroy();
});

test('PINGs of one chunk wait for the event loop to turn, as messages do', async () => {
  const { channel, socket } = await aReadyChannel();
  const isOver = vi.spyOn(turns, 'isOver', 'get').mockReturnValue(true);
  socket.emit('data', Buffer.concat([PING, PING, PING]));
  expect(channel.session.outputBytes).toBe(PING.length - 2);
  expect(channel.isWaiting).toBe(true);
  isOver.mockRestore();
  await new Promise(setImmediate);
  expect(channel.isWaiting).toBe(false);
  socket.destroy();
});

test('what a client says while it is asked whether it may connect stays in the system', async () => {
  const { channel, socket } = await aChannel(
    nullServer({ socketType: 'ROUTER', routingId: Buffer.alloc(0) }),
  );
  socket.emit('data', Buffer.concat([encodeGreeting(mechanism()), ready()]));
  await new Promise(setImmediate);
  // Who says nothing more is heard to leave.
  expect(socket.isPaused()).toBe(false);
  socket.emit('data', PING);
  expect(socket.isPaused()).toBe(true);
  expect(channel.session.outputBytes).toBe(0);
  channel.decide('admitted');
  expect(socket.isPaused()).toBe(false);
  expect(channel.session.state).toBe('ready');
  // READY, and the PONG.
  expect(channel.session.outputBytes).toBeGreaterThan(PING.length);
  socket.destroy();
});
