import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Channel } from '../../../lib/sockets/node/channel.js';
import { turns } from '../../../lib/sockets/node/turns.js';
import { monotonicNow } from '../../../lib/node-timers.js';
import { encodeGreeting } from '../../../lib/zmtp/greeting.js';
import { nullMechanism } from '../../../lib/zmtp/null-mechanism.js';

const mechanism = () => nullMechanism({ socketType: 'ROUTER', routingId: Buffer.alloc(0) });

/** Says nothing. */
const server = createServer();
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => server.close());

async function aChannel(): Promise<{ channel: Channel; socket: Socket }> {
  const socket = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  await once(socket, 'connect');
  const options = {
    mechanism: mechanism(),
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

test('a handshake waits for the event loop to turn, if others have used up this turn', async () => {
  const { channel, socket } = await aChannel();
  turns.begin();
  const began = monotonicNow();
  while (monotonicNow() - began < 20);
  turns.end();
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
