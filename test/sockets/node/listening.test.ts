import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { joined } from '../../../lib/frame.js';
import { Dealer } from 'zeromq';
import { nodeSockets } from '../../../lib/sockets/node/node-sockets.js';
import type { Connection, ServerSocket } from '../../../lib/sockets/socket-port.js';
import { Child } from '../../support/child.js';
import { freePort } from '../../support/ports.js';
import { serverListener } from '../../support/server-listener.js';

const OPTIONS = { heartbeatInterval: 5000, heartbeatTimeout: 15_000, maxMessageSize: 1_000_000 };

const open: (ServerSocket | Connection | { close(): void })[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A server that answers everything with what it got. */
async function echoAt(...addresses: string[]): Promise<ServerSocket> {
  const sockets = await nodeSockets(OPTIONS);
  const server: ServerSocket = await sockets.bind(
    addresses,
    serverListener({ onMessage: (peer, frames) => peer.send(frames.map(joined)) }),
  );
  open.push(server);
  return server;
}

/** What a client gets from the server at that endpoint. */
async function echoed(endpoint: string, text = 'hello'): Promise<string> {
  const sockets = await nodeSockets(OPTIONS);
  return new Promise((resolve) => {
    const connection = sockets.connect(endpoint, {
      onReady: () => connection.send([text]),
      onMessage: ([frame]) => resolve(String(frame)),
      onLost: (reason) => resolve(`lost: ${reason}`),
    });
    open.push(connection);
  });
}

/** The same with libzmq. */
async function echoedByLibzmq(endpoint: string): Promise<string> {
  const dealer = new Dealer({ linger: 0 });
  open.push(dealer);
  dealer.connect(endpoint);
  await dealer.send('hello');
  return String((await dealer.receive())[0]);
}

const freed = (server: ServerSocket) => new Promise<void>((done) => server.close(done));

const DIES_LISTENING = `
  require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'));
`;

/** Node has no such sockets. */
async function listeningForDatagrams(path: string): Promise<Child> {
  const program = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print('true', flush=True)
sys.stdin.read()
`;
  const child = new Child('python3', ['-c', program, path]);
  await child.nextLine();
  return child;
}

describe('tcp://', () => {
  test('* stands for every interface of IPv4, and for a free port', async () => {
    const { endpoints } = await echoAt('tcp://*:*');
    expect(endpoints).toEqual([expect.stringMatching(/^tcp:\/\/0\.0\.0\.0:\d+$/)]);
    const port = endpoints[0]?.split(':').at(-1);
    expect(await echoed(`tcp://127.0.0.1:${port}`)).toBe('hello');
  });

  test.runIf(networkInterfaces()['lo'])('an interface is bound by its name', async () => {
    const { endpoints } = await echoAt('tcp://lo:*');
    expect(endpoints).toEqual([expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/)]);
    expect(await echoed(endpoints[0] ?? '')).toBe('hello');
  });

  test('a name is bound at one of its addresses', async () => {
    const { endpoints } = await echoAt('tcp://localhost:*');
    expect(endpoints).toEqual([expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/)]);
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((own) =>
    own?.some(({ address }) => address === '::1'),
  );

  test.runIf(hasIpv6)('an IPv6 address is in brackets', async () => {
    const { endpoints } = await echoAt('tcp://[::1]:*');
    expect(endpoints).toEqual([expect.stringMatching(/^tcp:\/\/\[::1\]:\d+$/)]);
    expect(await echoed(endpoints[0] ?? '')).toBe('hello');
  });

  test.runIf(hasIpv6)('beside an IPv6 address * stands for both families', async () => {
    const { endpoints } = await echoAt('tcp://*:*', 'tcp://[::1]:*');
    expect(endpoints[0]).toMatch(/^tcp:\/\/\[::\]:\d+$/);
    const port = endpoints[0]?.split(':').at(-1);
    expect(await echoed(`tcp://127.0.0.1:${port}`)).toBe('hello');
    expect(await echoed(`tcp://[::1]:${port}`)).toBe('hello');
  });

  test('of several addresses all are bound or none', async () => {
    const [port, taken] = [await freePort(), await freePort()];
    const other = createServer().listen(taken, '127.0.0.1');
    open.push(other);
    const both = [`tcp://127.0.0.1:${port}`, `tcp://127.0.0.1:${taken}`];
    await expect(echoAt(...both)).rejects.toMatchObject({ code: 'EADDRINUSE', address: both[1] });
    await echoAt(`tcp://127.0.0.1:${port}`);
  });

  test('a port is free once its server has closed, even if a client was connected', async () => {
    const server = await echoAt('tcp://127.0.0.1:*');
    const [endpoint = ''] = server.endpoints;
    expect(await echoed(endpoint)).toBe('hello');
    for (let round = 0; round < 5; round++) {
      await freed(open.find((one) => 'endpoints' in one) as ServerSocket);
      open.splice(0, 0, await echoAt(endpoint));
      expect(await echoed(endpoint)).toBe('hello');
    }
  });
});

describe('ipc://', () => {
  const directory = mkdtempSync(join(tmpdir(), 'freelance-'));
  const path = (name: string) => join(directory, name);

  test('* stands for a temporary path, of which nothing is left behind', async () => {
    const server = await echoAt('ipc://*');
    const [endpoint = ''] = server.endpoints;
    const file = endpoint.slice('ipc://'.length);
    expect(existsSync(file)).toBe(true);
    expect(await echoed(endpoint)).toBe('hello');
    expect(await echoedByLibzmq(endpoint)).toBe('hello');
    await freed(server);
    expect(existsSync(dirname(file))).toBe(false);
  });

  test('nothing is left behind of * if TMPDIR is too long', async () => {
    const long = path('x'.repeat(100));
    mkdirSync(long);
    vi.stubEnv('TMPDIR', long);
    try {
      await expect(echoAt('ipc://*')).rejects.toMatchObject({
        code: 'ENAMETOOLONG',
        message: expect.stringContaining('TMPDIR'),
      });
    } finally {
      vi.unstubAllEnvs();
    }
    expect(readdirSync(long)).toEqual([]);
  });

  test('a path where somebody listens is in use; a stale socket is replaced', async () => {
    const endpoint = `ipc://${path('server')}`;
    const server = await echoAt(endpoint);
    await expect(echoAt(endpoint)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await echoed(endpoint)).toBe('hello');
    await freed(server);
    // As a process leaves it behind that was killed.
    const { status } = spawnSync(process.execPath, ['-e', DIES_LISTENING, path('server')]);
    expect(status).toBeNull();
    expect(existsSync(path('server'))).toBe(true);
    await echoAt(endpoint);
    expect(await echoed(endpoint)).toBe('hello');
  });

  test('a file that is no socket, or a directory, is not replaced', async () => {
    writeFileSync(path('precious'), 'mine');
    for (const taken of [path('precious'), directory]) {
      await expect(echoAt(`ipc://${taken}`)).rejects.toMatchObject({
        code: 'ENOTSOCK',
        message: expect.stringContaining('what is there is no socket'),
      });
    }
    expect(readFileSync(path('precious'), 'utf8')).toBe('mine');
  });

  test.runIf(spawnSync('python3', ['--version']).status === 0)(
    'a datagram socket is not replaced',
    async () => {
      await using other = await listeningForDatagrams(path('datagrams'));
      await expect(echoAt(`ipc://${path('datagrams')}`)).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
      expect(existsSync(path('datagrams'))).toBe(true);
      expect(other.errors).toBe('');
    },
  );

  test('a missing directory is reported', async () => {
    await expect(echoAt(`ipc://${path('missing/socket')}`)).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining('there is no such directory'),
    });
  });

  test('a client learns that nobody listens at a path', async () => {
    expect(await echoed(`ipc://${path('nobody')}`)).toContain('lost: the connection was refused');
  });

  test('a name in Linux’ abstract namespace, which Node would pad, is refused', async () => {
    const message = expect.stringContaining("for the engine 'libzmq'");
    await expect(echoAt('ipc://@name')).rejects.toMatchObject({ code: 'ENOTSUP', message });
    expect(await echoed('ipc://@name')).toEqual(message);
  });

  afterAll(() => rmSync(directory, { recursive: true }));
});

test('a server with tcp, ipc and inproc addresses answers at each', async () => {
  const addresses = ['inproc://mixed', 'tcp://127.0.0.1:*', 'ipc://*'];
  const server = await echoAt(...addresses);
  expect(server.endpoints).toEqual([
    'inproc://mixed',
    expect.stringMatching(/^tcp:/),
    expect.stringMatching(/^ipc:/),
  ]);
  for (const endpoint of server.endpoints) expect(await echoed(endpoint, endpoint)).toBe(endpoint);
  await freed(server);
  await echoAt('inproc://mixed');
});
