import { once } from 'node:events';
import { type AddressInfo, connect as connectPlain, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { Handshakes } from '../../../lib/sockets/node/handshakes.js';
import { contextOptions } from '../../../lib/nest/options/tls-context.js';
import type { TlsGuest } from '../../../lib/sockets/node/tls-door.js';
import { TlsEntrance } from '../../../lib/sockets/node/tls-entrance.js';
import { eventually } from '../../support/eventually.js';
import { pki } from '../../support/tls.js';

const { ca, server, alice } = pki;

let handshakes: Handshakes;
let entered: [guest: TlsGuest, leftMs: number][];
const sockets: Socket[] = [];
let listening: ReturnType<typeof createServer>;

/** Lets in those with a certificate of the authority. */
async function open(handshakeMs: number, most = 100): Promise<number> {
  const { cert, key } = server;
  const context = contextOptions({ cert, key, ca: ca.cert });
  // By this clock each has been there for long when the next one comes.
  let now = 0;
  handshakes = new Handshakes(most, most, () => (now += 2000));
  // What an earlier one has to tell yet is not for this test.
  const mine: typeof entered = (entered = []);
  const own = { mechanism: 'tls', context: () => context, demands: 'trusted certificate' } as const;
  const entrance = new TlsEntrance(own, handshakes, handshakeMs, (socket, guest, leftMs) => {
    sockets.push(socket);
    mine.push([guest, leftMs]);
  });
  listening = createServer((socket) => entrance.enter(socket)).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return (listening.address() as AddressInfo).port;
}

function mute(port: number): Socket {
  const socket = connectPlain(port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  return socket.resume();
}

function alices(port: number): Socket {
  const { cert, key } = alice;
  const socket = connect({ port, host: '127.0.0.1', ca: ca.cert, cert, key });
  sockets.push(socket);
  return socket.on('error', () => {});
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  listening.close();
  await once(listening, 'close');
});

test('a client with a certificate leaves the entrance with the remaining time', async () => {
  const port = await open(60_000);
  alices(port);
  await eventually(() => expect(entered).toHaveLength(1));
  const [[guest, leftMs] = [{ is: 'anonymous' }, 0]] = entered;
  expect(guest).toMatchObject({ is: 'certified', certificate: { subject: { CN: 'alice' } } });
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThan(60_000);
  expect(handshakes.size).toBe(0);
});

test('a silent client is dropped when its time is over, and frees its place', async () => {
  const port = await open(50);
  const socket = mute(port);
  await once(socket, 'close');
  await eventually(() => expect(handshakes.size).toBe(0));
  expect(entered).toEqual([]);
});

test('without room a new client replaces the oldest', async () => {
  const port = await open(60_000, 2);
  const first = mute(port);
  await once(first, 'connect');
  await eventually(() => expect(handshakes.size).toBe(1));
  mute(port);
  await eventually(() => expect(handshakes.size).toBe(2));
  alices(port);
  await once(first, 'close');
  await eventually(() => expect(entered).toHaveLength(1));
  expect(handshakes.size).toBe(1);
});

test('a client that leaves in the handshake frees its place', async () => {
  const port = await open(60_000);
  const socket = mute(port);
  await eventually(() => expect(handshakes.size).toBe(1));
  socket.destroy();
  await eventually(() => expect(handshakes.size).toBe(0));
  expect(entered).toEqual([]);
});
