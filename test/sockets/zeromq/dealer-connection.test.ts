import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { zeromqSockets } from '../../../lib/sockets/zeromq/zeromq-sockets.js';
import { serverListener } from '../../support/server-listener.js';

const OPTIONS = { heartbeatInterval: 1000, heartbeatTimeout: 3000, maxMessageSize: 2 ** 20 };

const NOBODY_LISTENS = serverListener();

/** Takes connections one after the other. */
async function acceptor() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const next = async () => {
    const [socket] = (await once(server, 'connection')) as [Socket];
    return socket;
  };
  return { endpoint: `tcp://127.0.0.1:${port}`, next, close: () => server.close() };
}

test('a slow server that has answered is not given up for the result of a late probe', async () => {
  const sockets = await zeromqSockets(OPTIONS);
  const server = await sockets.bind(['tcp://127.0.0.1:*'], NOBODY_LISTENS);
  const port = Number(server.endpoints[0]?.split(':').at(-1));
  const door = await acceptor();
  const lost: string[] = [];
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  const accepted = door.next();
  const connection = sockets.connect(door.endpoint, {
    onReady: () => isReady(),
    onMessage() {},
    onLost: (reason) => lost.push(reason),
  });
  const slow = await accepted;
  // It is silent for so long that it is looked at; before that ends the handshake is done.
  const look = await door.next();
  const behind = connect(port, '127.0.0.1');
  slow.pipe(behind).pipe(slow);
  await ready;
  look.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  look.resume();
  await once(look, 'close');
  await new Promise((turned) => setTimeout(turned, 50));
  expect(lost).toEqual([]);
  connection.close();
  server.close();
  slow.destroy();
  behind.destroy();
  door.close();
});
