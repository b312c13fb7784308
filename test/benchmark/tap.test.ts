import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Tap } from '../../benchmark/src/run/tap.js';

test('a tap forwards and counts bytes in both directions, and ends both connections', async () => {
  const server = createServer((socket) => socket.on('data', () => socket.write('world!')));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const tap = new Tap(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const client = connect(Number(new URL(await tap.listen()).port), '127.0.0.1');
  tap.mark();
  client.write('hello');
  const [answer] = (await once(client, 'data')) as [Buffer];
  expect(answer.toString()).toBe('world!');
  expect(tap.read().bytes).toBe('hello'.length + 'world!'.length);
  tap.mark();
  expect(tap.read().bytes).toBe(0);
  tap.close();
  await once(client, 'close');
  server.close();
});
