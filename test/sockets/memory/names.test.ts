import { expect, test, vi } from 'vitest';
import { joined } from '../../../lib/frame.js';
import type { InprocEnd } from '../../../lib/sockets/memory/names.js';
import { memorySockets } from '../../../lib/sockets/memory/memory-sockets.js';
import type { ConnectionListener } from '../../../lib/sockets/socket-port.js';
import { eventually } from '../../support/eventually.js';
import { serverListener } from '../../support/server-listener.js';

const NOTHING = serverListener();

/** A client that notes what it hears. */
function noting(heard: string[]): ConnectionListener {
  return {
    onReady: () => heard.push('ready'),
    onMessage: (frames) => heard.push(frames.map(String).join()),
    onLost: (reason) => heard.push(reason),
  };
}

test('two copies of the library in one thread reach each other', async () => {
  vi.resetModules();
  const copy = await import('../../../lib/sockets/memory/memory-sockets.js');
  expect(copy.memorySockets).not.toBe(memorySockets);
  const server = await copy.memorySockets().bind(['inproc://copies'], {
    ...NOTHING,
    onMessage: (peer, frames) => peer.send(frames.map(joined)),
  });
  await expect(memorySockets().bind(['inproc://copies'], NOTHING)).rejects.toThrow(
    'cannot bind inproc://copies: another socket has it, of this process or another one (EADDRINUSE)',
  );
  const heard: string[] = [];
  const client = memorySockets().connect('inproc://copies', noting(heard));
  await eventually(() => expect(heard).toEqual(['ready']));
  client.send(['hello']);
  await eventually(() => expect(heard).toEqual(['ready', 'hello']));
  server.close();
  await eventually(() => expect(heard.at(-1)).toBe('the connection was closed'));
});

test('the interface between copies of the library does not change', async () => {
  const names = (globalThis as { [key: symbol]: unknown })[
    Symbol.for('nestjs-freelance.inproc')
  ] as Map<string, { connect(client: InprocEnd): InprocEnd | undefined }>;
  const served: string[] = [];
  names.set('inproc://other-version', {
    connect: (client) => ({
      take(frames) {
        served.push(frames.map(String).join());
        return client.take([Buffer.from('answer')]);
      },
      end: () => served.push('end'),
    }),
  });
  const heard: string[] = [];
  const client = memorySockets().connect('inproc://other-version', noting(heard));
  await eventually(() => expect(heard).toEqual(['ready']));
  client.send(['question']);
  await eventually(() => expect(heard).toEqual(['ready', 'answer']));
  client.close();
  expect(served).toEqual(['question', 'end']);
  names.delete('inproc://other-version');
});

test('a name that nobody has bound is refused with a helpful reason', async () => {
  const heard: string[] = [];
  memorySockets().connect('inproc://nobody', noting(heard));
  expect(heard).toEqual([]);
  await eventually(() =>
    expect(heard).toEqual([
      'the connection was refused: no server of this thread, with the same engine, has bound inproc://nobody',
    ]),
  );
});

test('of several names a server gets all or none', async () => {
  const sockets = memorySockets();
  const first = await sockets.bind(['inproc://b'], NOTHING);
  await expect(sockets.bind(['inproc://a', 'inproc://b'], NOTHING)).rejects.toThrow('inproc://b');
  await expect(sockets.bind(['inproc://a', 'inproc://a'], NOTHING)).rejects.toThrow('inproc://a');
  first.close();
  const second = await sockets.bind(['inproc://a', 'inproc://b'], NOTHING);
  expect(second.endpoints).toEqual(['inproc://a', 'inproc://b']);
  second.close();
});
