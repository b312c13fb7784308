import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { decodeZ85 } from '../../lib/security/z85.js';
import { Child } from '../support/child.js';
import { aClient, aServer } from '../zmtp/curve/fixtures.js';
import { Wire } from './curve-wire.js';
import { describeWithPython, python } from './python.js';

const [serverText, clientText] = [curveKeyPair(), curveKeyPair()];
const bytesOf = (key: string) => decodeZ85(key) ?? Buffer.alloc(0);
const keysOf = ({ publicKey, secretKey }: { publicKey: string; secretKey: string }) => ({
  publicKey: bytesOf(publicKey),
  secretKey: bytesOf(secretKey),
});

function start(...args: string[]): Child {
  const script = fileURLToPath(new URL('peers/curve_echo.py', import.meta.url));
  return new Child(python, ['-B', script, ...args]);
}

const SIZES = [0, 1, 222, 223, 70_000, 2_000_000];

/** @returns the sizes that returned unchanged */
async function echoed(wire: Wire): Promise<number[]> {
  await wire.ready();
  const sizes: number[] = [];
  for (const size of SIZES) {
    const frames = [Buffer.from('first'), Buffer.alloc(size, size % 251), Buffer.alloc(0)];
    wire.session.ping(100);
    wire.session.send(frames);
    const back = await wire.next();
    const isSame =
      back.length === 3 && back.every((frame, at) => frame.equals(frames[at] ?? frame));
    if (isSame) sizes.push(size);
  }
  return sizes;
}

describeWithPython('CURVE, with PyZMQ', () => {
  it('as a client of a PyZMQ server', async () => {
    await using server = start('server', serverText.secretKey);
    const { endpoint } = (await server.nextLine()) as { endpoint: string };
    using wire = new Wire(
      connect(Number(endpoint.split(':').at(-1)), '127.0.0.1'),
      aClient({ ...keysOf(clientText), serverKey: bytesOf(serverText.publicKey) }),
    );
    expect(await echoed(wire)).toEqual(SIZES);
  });

  it('as the server of a PyZMQ client', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { publicKey, secretKey } = clientText;
    await using client = start('client', publicKey, secretKey, serverText.publicKey, endpoint);
    const [socket] = (await once(server, 'connection')) as [Socket];
    using wire = new Wire(socket, aServer(keysOf(serverText)));
    expect(await echoed(wire)).toEqual(SIZES);
    expect(wire.asked).toEqual([{ mechanism: 'CURVE', publicKey: bytesOf(publicKey) }]);
    expect(client.errors).toBe('');
    server.close();
  });
});
