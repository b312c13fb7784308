import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { Outlet } from '../../../lib/sockets/node/outlet.js';

const KIB = 1024;

const server = createServer({ pauseOnConnect: true });
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** An outlet, the sizes of its writes, and its peer, which reads nothing until it is resumed. */
async function anOutlet() {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no address');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect({ port: address.port, host: '127.0.0.1' });
  await once(socket, 'connect');
  const [peer] = await accepted;
  sockets.push(socket, peer);
  const writes: number[] = [];
  const write = socket.write.bind(socket);
  vi.spyOn(socket, 'write').mockImplementation((chunk: string | Uint8Array, then: unknown) => {
    writes.push(chunk.length);
    return write(chunk, then as (() => void) | undefined);
  });
  return { outlet: new Outlet(socket), socket, peer, writes };
}

/** As much as no system takes whose peer does not read. */
const LOTS = 64 * KIB * KIB;

const numbered = (bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 4) buffer.writeUInt32LE(at, at);
  return buffer;
};

async function read(peer: Socket, bytes: number): Promise<Buffer> {
  const heard: Buffer[] = [];
  let length = 0;
  for await (const chunk of peer.resume() as AsyncIterable<Buffer>) {
    heard.push(chunk);
    length += chunk.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(heard);
}

test('a little leaves in one go, and waits for nothing', async () => {
  const { outlet, writes } = await anOutlet();
  outlet.write([Buffer.alloc(100), Buffer.alloc(200)]);
  expect(writes).toEqual([100, 200]);
  expect(outlet.isReady).toBe(true);
  expect([outlet.look(), outlet.look()]).toEqual([0, 0]);
});

test('much leaves in parts of 256 KiB, whole and in its order', async () => {
  const { outlet, peer, writes } = await anOutlet();
  const bytes = numbered(LOTS);
  outlet.write([bytes.subarray(0, 100), bytes.subarray(100)]);
  expect(outlet.isReady).toBe(false);
  // What the system takes at once does not wait.
  expect(outlet.bytes).toBeGreaterThan(LOTS / 2);
  expect((await read(peer, LOTS)).equals(bytes)).toBe(true);
  expect(Math.max(...writes)).toBe(256 * KIB);
  await vi.waitFor(() => expect(outlet.isReady).toBe(true));
  expect(outlet.bytes).toBe(0);
});

test('who does not read is noticed, and who reads a part of it', async () => {
  const { outlet, peer } = await anOutlet();
  outlet.write([Buffer.alloc(LOTS)]);
  await vi.waitFor(() => expect(outlet.look()).toBeGreaterThan(1));
  const looks = outlet.look();
  expect(outlet.look()).toBe(looks + 1);
  peer.resume();
  await vi.waitFor(() => expect(outlet.look()).toBe(0));
});

test('what waits leaves before the end', async () => {
  const { outlet, socket, peer } = await anOutlet();
  const bytes = numbered(LOTS);
  outlet.write([bytes.subarray(0, LOTS - 1000)]);
  outlet.end([bytes.subarray(LOTS - 1000)]);
  expect(outlet.bytes).toBeGreaterThan(LOTS / 2);
  socket.end();
  expect((await read(peer, LOTS)).equals(bytes)).toBe(true);
});
