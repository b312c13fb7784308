import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { nodeSockets } from '../../../lib/sockets/node/node-sockets.js';
import { nullMechanism } from '../../../lib/zmtp/null-mechanism.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/ports.js';
import { serverListener } from '../../support/server-listener.js';
import { SteppedClient } from '../../support/stepped-client.js';
import { uncaught } from '../../support/uncaught.js';

let resolved = () => {};

vi.mock('node:dns', () => ({
  default: {
    lookup(_name: string, _options: object, done: (error: null, addresses: object[]) => void) {
      resolved = () => done(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  },
}));

const NOBODY = serverListener();

const options = { heartbeatInterval: 5000, heartbeatTimeout: 15_000, maxMessageSize: 1000 };

test('nobody can connect to an inproc name before the server has all its addresses', async () => {
  const sockets = await nodeSockets(options);
  const told: string[] = [];
  const come = () =>
    new Promise<void>((over) => {
      const tell = (what: string) => {
        told.push(what);
        connection.close();
        over();
      };
      const connection = sockets.connect('inproc://early', {
        onReady: () => tell('ready'),
        onMessage() {},
        onLost: () => tell('lost'),
      });
    });
  const binding = sockets.bind(['inproc://early', 'tcp://slow.example:*'], NOBODY);
  await come();
  resolved();
  const server = await binding;
  await come();
  expect(told).toEqual(['lost', 'ready']);
  expect(server.endpoints[0]).toBe('inproc://early');
  server.close();
});

test('if an inproc name is in use, the other addresses are free again', async () => {
  const sockets = await nodeSockets(options);
  const first = await sockets.bind(['inproc://taken'], NOBODY);
  const port = await freePort();
  const addresses = [`tcp://127.0.0.1:${port}`, 'inproc://taken'];
  await expect(sockets.bind(addresses, NOBODY)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    address: 'inproc://taken',
  });
  first.close();
  (await sockets.bind(addresses, NOBODY)).close();
});

test('a connection that is reset before the server has all its addresses harms nobody', async () => {
  const sockets = await nodeSockets(options);
  const port = await freePort();
  const endpoint = `tcp://127.0.0.1:${port}`;
  const binding = sockets.bind([endpoint, 'tcp://slow.example:*'], NOBODY);
  /** The first address listens, and the name of the second one is being looked up. */
  const comesAndResets = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resetAndDestroy();
  };
  const faults = await uncaught(async () => {
    await eventually(comesAndResets);
    using other = new SteppedClient(endpoint, nullMechanism({ socketType: 'DEALER' }));
    await other.connected();
    await comesAndResets();
    resolved();
    const server = await binding;
    await other.step();
    await other.step();
    await eventually(() => expect(other.session.state).toBe('ready'));
    await eventually(() => expect(server.unwrap()).toHaveProperty('size', 1));
    server.close();
  });
  expect(faults).toEqual([]);
});
