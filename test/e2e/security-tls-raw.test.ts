import { once } from 'node:events';
import { type AddressInfo, connect as connectPlain, createServer, type Socket } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { RawClient, WhoController } from '../support/security.js';
import { pki, tlsClient, tlsServer } from '../support/tls.js';

const { ca, alice } = pki;
const serveAll = () => serve([WhoController], tlsServer('any'));
const portOf = ([endpoint = '']: readonly string[]) => Number(endpoint.split(':').at(-1));

/** A plain TLS client with Alice's certificate. */
function raw(endpoints: readonly string[], options: ConnectionOptions = {}): TLSSocket {
  const { cert, key } = alice;
  const port = portOf(endpoints);
  const own = { host: '127.0.0.1', port, ca: ca.cert, cert, key };
  return connect({ ...own, ...options }).on('error', () => {});
}

/** Resolves however it ends. */
const closed = (socket: Socket) => new Promise<void>((done) => socket.once('close', () => done()));

/** The first bytes of a ZMTP client: RFC 23. */
const GREETING = Buffer.from(
  `ff00000000000000017f0300${Buffer.from('NULL').toString('hex')}`,
  'hex',
);

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'TLS sessions are not resumed, so that each connection authenticates anew: %s',
  async (maxVersion) => {
    await using served = await serveAll();
    const first = raw(served.endpoints, { maxVersion });
    const [[session]] = (await Promise.all([
      once(first, 'session'),
      once(first, 'secureConnect'),
    ])) as [[Buffer], unknown];
    first.destroy();
    const second = raw(served.endpoints, { maxVersion, session });
    await once(second, 'secureConnect');
    expect(second.isSessionReused()).toBe(false);
    second.destroy();
  },
);

test('a second handshake in a connection is refused', async () => {
  await using served = await serveAll();
  const client = raw(served.endpoints, { maxVersion: 'TLSv1.2' });
  await once(client, 'secureConnect');
  const renegotiated = await new Promise<Error | null>((resolve) => {
    client.once('error', resolve);
    client.renegotiate({}, resolve);
  });
  expect(renegotiated).toBeInstanceOf(Error);
  client.destroy();
});

test.each([
  ['TLSv1.1', 'TLSv1.1'],
  ['TLSv1', 'TLSv1'],
] as const)('versions before TLS 1.2 are not spoken: %s', async (minVersion, maxVersion) => {
  await using served = await serveAll();
  const ciphers = 'DEFAULT@SECLEVEL=0';
  const client = raw(served.endpoints, { minVersion, maxVersion, ciphers });
  const [error] = (await once(client, 'error')) as [Error & { code: string }];
  expect(error.code).toContain('PROTOCOL_VERSION');
});

test('a connection without TLS is ended, counts for nobody and harms nobody', async () => {
  await using served = await serveAll();
  for (const words of [
    'GET / HTTP/1.1\r\n\r\n',
    GREETING,
    Buffer.from([22, 3, 1, 0xff, 0xff]),
    Buffer.alloc(100_000, 22),
    '',
  ]) {
    const socket = connectPlain(portOf(served.endpoints), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.end(words);
    await closed(socket);
  }
  using client = connectTo(served.endpoints, tlsClient(alice));
  expect(await firstValueFrom(client.send('who', {}))).toMatchObject({
    userId: alice.fingerprint256,
  });
  expect(served.strategy.stats().accepted).toBe(1);
});

test.each([
  ['at once', Buffer.alloc(0)],
  ['within its first bytes', Buffer.from([22, 3, 1, 2, 0, 1, 0, 1])],
])(
  'a client that hangs up %s is removed at once, not when its handshake times out',
  async (_when, words) => {
    await using served = await serveAll();
    const began = performance.now();
    const port = portOf(served.endpoints);
    const socket = connectPlain({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.resume();
    socket.end(words);
    await closed(socket);
    expect(performance.now() - began).toBeLessThan(4000);
  },
);

test('a silent client has the time of one handshake for TLS and ZMTP together', async () => {
  await using served = await serveAll();
  const began = performance.now();
  const mute = connectPlain(portOf(served.endpoints), '127.0.0.1').on('error', () => {});
  const slow = raw(served.endpoints);
  mute.resume();
  slow.resume();
  await Promise.all([closed(mute), closed(slow)]);
  // Within TLS, and after TLS before any ZMTP.
  expect(performance.now() - began).toBeGreaterThan(4000);
});

test('a server that closes ends pending handshakes', async () => {
  const served = await serveAll();
  const mute = connectPlain(portOf(served.endpoints), '127.0.0.1').on('error', () => {});
  const slow = raw(served.endpoints);
  await Promise.all([once(mute, 'connect'), once(slow, 'secureConnect')]);
  mute.resume();
  slow.resume();
  const ended = Promise.all([closed(mute), closed(slow)]);
  await served[Symbol.asyncDispose]();
  await ended;
  await eventually(() => expect(served.strategy.endpoints).toEqual([]));
});

test("a libzmq program is served through a TLS tunnel and known by the tunnel's certificate", async () => {
  await using served = await serveAll();
  const tunnel = createServer((socket) => {
    const secure = raw(served.endpoints);
    socket.on('error', () => {}).on('close', () => secure.destroy());
    secure.on('close', () => socket.destroy());
    socket.pipe(secure).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(tunnel, 'listening');
  const { port } = tunnel.address() as AddressInfo;
  {
    using client = new RawClient(`tcp://127.0.0.1:${port}`);
    await client.ask('who');
    await eventually(() => expect(client.heard).toHaveLength(1));
    expect(client.heard[0]).toContain(alice.fingerprint256);
    served.strategy.revoke(alice.fingerprint256);
    await eventually(() => expect(client.happened).toContain('handshake:error:auth'));
  }
  tunnel.close();
});
