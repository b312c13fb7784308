import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { nodeSockets } from '../../../lib/sockets/node/node-sockets.js';

test('a connection that is reset as soon as it is made gets a reason in words', async () => {
  const server = createServer((socket) => socket.resetAndDestroy());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets = await nodeSockets({
    heartbeatInterval: 1000,
    heartbeatTimeout: 3000,
    maxMessageSize: 1000,
  });
  // Whether the reset comes before the system has told of the connection is not the same each time.
  for (let n = 0; n < 20; n++) {
    const reason = await new Promise<string>((onLost) =>
      sockets.connect(`tcp://127.0.0.1:${port}`, { onReady() {}, onMessage() {}, onLost }),
    );
    expect(reason).toMatch(/^it closed the connection (?:in the handshake|as soon as it was made)/);
  }
  server.close();
});
