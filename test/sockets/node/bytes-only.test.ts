import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { joined } from '../../../lib/frame.js';
import { nodeSockets } from '../../../lib/sockets/node/node-sockets.js';
import { eventually } from '../../support/eventually.js';
import { serverListener } from '../../support/server-listener.js';

const OPTIONS = { heartbeatInterval: 5000, heartbeatTimeout: 15_000, maxMessageSize: 1_000_000 };

test('a connection survives setEncoding on its unwrapped socket, at the client and at the server', async () => {
  const sockets = await nodeSockets(OPTIONS);
  const heard: string[] = [];
  const echo = serverListener({ onMessage: (peer, frames) => peer.send(frames.map(joined)) });
  const server = await sockets.bind(['tcp://127.0.0.1:*'], echo);
  const client = sockets.connect(server.endpoints[0] ?? '', {
    onReady: () => heard.push('ready'),
    onMessage: (frames) => heard.push(frames.map(String).join()),
    onLost: (reason) => heard.push(reason),
  });
  await eventually(() => expect(heard).toEqual(['ready']));
  const unwrapped = [client.unwrap() as Socket, ...(server.unwrap() as ReadonlySet<Socket>)];
  expect(unwrapped).toHaveLength(2);
  for (const socket of unwrapped) socket.setEncoding('utf8');
  client.send(['grüße']);
  await eventually(() => expect(heard).toEqual(['ready', 'grüße']));
  client.close();
  server.close();
});
