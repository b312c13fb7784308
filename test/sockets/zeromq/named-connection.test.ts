import { expect, test } from 'vitest';
import { Resolver } from '../../../lib/sockets/resolver.js';
import type { Connection, ConnectionListener } from '../../../lib/sockets/socket-port.js';
import { NO_TRAFFIC } from '../../../lib/sockets/traffic-total.js';
import { isNamed, NamedConnection } from '../../../lib/sockets/zeromq/named-connection.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';

/** A name that has these addresses, and servers that do what the test has them do. */
async function connectTo(...addresses: string[]) {
  const heard: unknown[][] = [];
  const opened: { address: string; listener: ConnectionListener; isOpen: boolean }[] = [];
  const clock = new ManualClock();
  const names = new Resolver((_name, done) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (found.length > 0) done(null, found);
    else done(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []);
  }, clock);
  const open = (address: string, listener: ConnectionListener): Connection => {
    const server = { address, listener, isOpen: true };
    opened.push(server);
    return {
      send: (frames) => heard.push(['sent', address, ...frames]),
      close: () => (server.isOpen = false),
      traffic: () => NO_TRAFFIC,
      unwrap: () => address,
    };
  };
  const listener: ConnectionListener = {
    onReady: () => heard.push(['ready']),
    onMessage: (frames) => heard.push(['message', ...frames]),
    onLost: (...told) => heard.push(['lost', ...told]),
  };
  const endpoint = 'tcp://server.test:5555';
  const connection = new NamedConnection(endpoint, listener, open, 1500, names);
  await new Promise((turned) => setImmediate(turned));
  return {
    heard,
    opened,
    connection,
    clock,
    isOpen: () => opened.filter((server) => server.isOpen).map(({ address }) => address),
    server: (n: number) => {
      const server = opened[n];
      if (!server) throw new Error(`address ${n} is not tried`);
      return server.listener;
    },
  };
}

const FIRST = 'tcp://10.0.0.1:5555';
const SECOND = 'tcp://[fd00::2]:5555';

test.each([
  ['tcp://server.test:5555', true],
  ['tcp://127.1:5555', true],
  ['tcp://127.0.0.1:5555', false],
  ['tcp://[::1]:5555', false],
  ['ipc:///server.test', false],
  ['inproc://server.test', false],
])('%s: whether libzmq would have to look it up', (endpoint, named) => {
  expect(isNamed(endpoint)).toBe(named);
});

test('libzmq gets an IP address, never the name', async () => {
  const { opened, server, heard, connection } = await connectTo('10.0.0.1');
  expect(opened.map(({ address }) => address)).toEqual([FIRST]);
  connection.send(['too early'], () => heard.push(['undelivered']));
  await Promise.resolve();
  server(0).onReady();
  connection.send(['hello']);
  server(0).onMessage([Buffer.from('hi')]);
  server(0).onLost('the connection was closed');
  expect(heard).toEqual([
    ['undelivered'],
    ['ready'],
    ['sent', FIRST, 'hello'],
    ['message', Buffer.from('hi')],
    ['lost', 'the connection was closed', undefined],
  ]);
});

test('a name that does not resolve is lost at once, with the reason', async () => {
  const { heard, opened } = await connectTo();
  expect(heard).toEqual([['lost', 'the name server.test does not resolve (ENOTFOUND)', undefined]]);
  expect(opened).toEqual([]);
});

test('after an address that refuses the next one is tried at once', async () => {
  const { heard, server, isOpen, connection } = await connectTo('10.0.0.1', 'fd00::2');
  server(0).onLost('the connection was refused');
  expect(isOpen()).toContain(SECOND);
  server(1).onReady();
  expect(heard).toEqual([['ready']]);
  expect(connection.unwrap()).toBe(SECOND);
});

test('beside a mute address the next one is tried, and the first that is ready is kept', async () => {
  const { heard, server, opened, isOpen } = await connectTo('10.0.0.1', 'fd00::2', '10.0.0.1');
  await eventually(() => expect(opened).toHaveLength(2));
  expect(isOpen()).toEqual([FIRST, SECOND]);
  server(1).onReady();
  expect(isOpen()).toEqual([SECOND]);
  expect(heard).toEqual([['ready']]);
});

test('when all addresses fail, the reason names each', async () => {
  const { heard, server } = await connectTo('10.0.0.1', 'fd00::2');
  server(0).onLost('the connection was refused');
  server(1).onLost('it closed the connection', 'unexplained');
  expect(heard).toEqual([
    ['lost', '10.0.0.1: the connection was refused; fd00::2: it closed the connection', undefined],
  ]);
});

test('a server that refuses the client is not tried at another address', async () => {
  const { heard, server, opened } = await connectTo('10.0.0.1', 'fd00::2');
  server(0).onLost('it does not authorize this client', 'unauthorized');
  expect(heard).toEqual([['lost', 'it does not authorize this client', 'unauthorized']]);
  expect(opened).toHaveLength(1);
});

test('closing ends every attempt, and the look-up leaves no timer', async () => {
  const { heard, isOpen, connection, clock } = await connectTo('10.0.0.1', 'fd00::2');
  connection.close();
  expect(isOpen()).toEqual([]);
  expect(clock.timers).toBe(0);
  expect(heard).toEqual([]);
});
