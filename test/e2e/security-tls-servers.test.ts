import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer as createPlainServer } from 'node:net';
import { checkServerIdentity, createServer } from 'node:tls';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { daysFromNow, makeCertificate, makeRevocationList } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { WhoController } from '../support/security.js';
import { pki, tlsClient, tlsServer } from '../support/tls.js';
import { uncaught } from '../support/uncaught.js';

const { ca, server, alice } = pki;

/** A server that asks for no client certificates, and has this certificate. */
const serveAs = (own: { cert: string; key: string }, bind = 'tls://127.0.0.1:*') =>
  serve([WhoController], {
    ...tlsServer('any', { ca: undefined, cert: own.cert, key: own.key }),
    bind,
  });

const portOf = (endpoint = '') => Number(endpoint.split(':').at(-1));

/** The error of a client without a certificate; its calls must fail at once. */
async function refusalOf(endpoint: string, more: Parameters<typeof tlsClient>[1] = {}) {
  using client = connectTo([endpoint], { ...tlsClient(undefined, more), connectTimeout: 60_000 });
  const error: unknown = await firstValueFrom(client.send('who', {})).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'UNAUTHORIZED' });
  return (error as Error).message;
}

async function isServed(endpoint: string, more: Parameters<typeof tlsClient>[1] = {}) {
  using client = connectTo([endpoint], tlsClient(undefined, more));
  return expect(await firstValueFrom(client.send('who', {}))).toEqual({});
}

describe('a client rejects a server whose certificate', () => {
  test.each([
    [
      'is of an authority that it does not know',
      () => makeCertificate({ cn: 'a', names: ['127.0.0.1'], by: makeCertificate({ cn: 'x' }) }),
      'its certificate is not of an authority that is trusted here: give that authority as security.ca',
    ],
    [
      'is self-signed',
      () => makeCertificate({ cn: 'a', names: ['127.0.0.1'] }),
      'its certificate is self-signed, and not trusted here: give it as security.ca, if',
    ],
    [
      'has expired',
      () => makeCertificate({ cn: 'a', names: ['127.0.0.1'], by: ca, to: daysFromNow(-0.5) }),
      'its certificate has expired, or one between it and its authority has: renew it',
    ],
    [
      'is not valid yet',
      () => makeCertificate({ cn: 'a', names: ['127.0.0.1'], by: ca, from: daysFromNow(0.5) }),
      "its certificate is not valid yet, or one between it and its authority is not: set this machine's clock",
    ],
    [
      'is of another name',
      () => makeCertificate({ cn: 'a', names: ['other.example', '10.0.0.1'], by: ca }),
      'its certificate is for DNS:other.example, IP Address:10.0.0.1, and not for 127.0.0.1: call it by a name that it has, or give that as security.servername',
    ],
    [
      'has the address for a name',
      () => makeCertificate({ cn: '127.0.0.1', by: ca }),
      'its certificate is for CN:127.0.0.1, and not for 127.0.0.1',
    ],
  ])('%s: it fails at once and says why', async (_, make, says) => {
    await using served = await serveAs(make());
    expect(await refusalOf(served.endpoints[0] ?? '')).toContain(says);
    expect(served.strategy.stats()).toMatchObject({ accepted: 0, unauthorized: 0 });
  });

  test('was revoked by the authority', async () => {
    await using served = await serveAs(server);
    const crl = makeRevocationList(ca, [server]);
    const refusal = await refusalOf(served.endpoints[0] ?? '', { crl });
    expect(refusal).toContain('its certificate was revoked by its authority');
    await isServed(served.endpoints[0] ?? '', { crl: makeRevocationList(ca, [alice]) });
  });

  test('may be revoked, because the list belongs to another authority', async () => {
    await using served = await serveAs(server);
    const other = makeCertificate({ cn: 'another authority' });
    const security = { ca: [ca.cert, other.cert], crl: makeRevocationList(other, []) };
    expect(await refusalOf(served.endpoints[0] ?? '', security)).toContain('may be revoked');
  });

  test('is self-signed, even with NODE_TLS_REJECT_UNAUTHORIZED=0', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    try {
      await using served = await serveAs(makeCertificate({ cn: 'a', names: ['127.0.0.1'] }));
      expect(await refusalOf(served.endpoints[0] ?? '')).toContain('is self-signed');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('the name of a server', () => {
  test('is the host of its endpoint, whatever that resolves to', async () => {
    await using served = await serveAs(
      makeCertificate({ cn: 'a', names: ['localhost'], by: ca }),
      'tls://127.0.0.1:*',
    );
    const port = portOf(served.endpoints[0]);
    await isServed(`tls://localhost:${port}`);
    expect(await refusalOf(`tls://127.0.0.1:${port}`)).toContain('and not for 127.0.0.1');
  });

  test('may be an IP address of either family', async () => {
    await using served = await serveAs(server, 'tls://[::1]:*');
    expect(served.endpoints[0]).toMatch(/^tls:\/\/\[::1\]:\d+$/u);
    await isServed(served.endpoints[0] ?? '');
  });

  test('may be set by an option, for all servers or for each', async () => {
    await using served = await serveAs(
      makeCertificate({ cn: 'a', names: ['inner.example'], by: ca }),
    );
    const [endpoint = ''] = served.endpoints;
    await isServed(endpoint, { servername: 'inner.example' });
    await isServed(endpoint, { servername: { [endpoint]: 'inner.example' } });
    expect(await refusalOf(endpoint, { servername: 'outer.example' })).toContain(
      'and not for outer.example',
    );
    expect(await refusalOf(endpoint, { servername: { 'tls://a:1': 'inner.example' } })).toContain(
      'and not for 127.0.0.1',
    );
  });

  test("may be checked by the user's function, after all other checks", async () => {
    const names = ['spiffe://example/billing'];
    await using served = await serveAs(makeCertificate({ cn: 'a', names, by: ca }));
    const [endpoint = ''] = served.endpoints;
    const asked: unknown[] = [];
    await isServed(endpoint, {
      checkServerIdentity: (name, certificate) => {
        asked.push(name, certificate.subjectaltname);
        return undefined;
      },
    });
    expect(asked).toEqual(['127.0.0.1', 'URI:spiffe://example/billing']);
    await using stranger = await serveAs(makeCertificate({ cn: 'a', names }));
    const [unknown = ''] = stranger.endpoints;
    expect(await refusalOf(unknown, { checkServerIdentity: () => undefined })).toContain(
      'is self-signed',
    );
  });

  const refuse = (): never => {
    throw new Error('not billing');
  };

  test.each([
    ['throws', refuse, 'by checkServerIdentity: not billing'],
    ['returns an error', () => new Error('not billing'), 'by checkServerIdentity: not billing'],
    [
      'returns a promise, which nobody awaits',
      (() => Promise.resolve()) as never,
      'by checkServerIdentity: it returned no error, but [object Promise]',
    ],
    ["is Node's own", checkServerIdentity, 'its certificate is for DNS:inner.example, and not for'],
  ])('is rejected if that function %s', async (_, check, says) => {
    const names = ['inner.example'];
    await using served = await serveAs(makeCertificate({ cn: 'a', names, by: ca }));
    const refusal = await refusalOf(served.endpoints[0] ?? '', { checkServerIdentity: check });
    expect(refusal).toContain(says);
  });

  test.each<[title: string, check: () => unknown, says: string]>([
    ['rejects', () => Promise.reject(new Error('late')), 'no error, but [object Promise]'],
    [
      'returns an object that is not an error',
      () => Object.create(null) as object,
      'cannot be put into words',
    ],
    [
      'returns an error without a text message',
      () => Object.assign(new Error(), { message: Symbol('no') }),
      'Symbol(no)',
    ],
  ])('is rejected if that function %s, and the process continues', async (_, check, says) => {
    const names = ['inner.example'];
    await using served = await serveAs(makeCertificate({ cn: 'a', names, by: ca }));
    const [endpoint = ''] = served.endpoints;
    const thrown = await uncaught(async () => {
      const refusal = await refusalOf(endpoint, { checkServerIdentity: check as never });
      expect(refusal).toContain(says);
    });
    expect(thrown).toEqual([]);
  });

  test('is sent to a server with several certificates, unless it is an IP address', async () => {
    const told: (string | false | null)[] = [];
    const other = createServer({ cert: server.cert, key: server.key });
    other.on('secureConnection', (socket) => {
      told.push(socket.servername);
      socket.destroy();
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    for (const [host, name] of [
      ['localhost', 'localhost'],
      ['127.0.0.1', false],
    ] as const) {
      using client = connectTo([`tls://${host}:${port}`], tlsClient());
      client.connect().catch(() => {});
      await eventually(() => expect(told).toContainEqual(name));
      await expect(
        Promise.race([client.connect(), new Promise((done) => setTimeout(done, 50))]),
      ).resolves.toBeUndefined();
    }
    other.close();
  });
});

describe('where client and server disagree', () => {
  const reasonOf = async (endpoints: readonly string[], options: object) => {
    using client = connectTo(endpoints, { ...options, connectTimeout: 1000 });
    const error: unknown = await firstValueFrom(client.send('who', {})).catch((e: unknown) => e);
    return (error as Error).message;
  };

  test('a client without TLS is told that the server uses it', async () => {
    await using served = await serve([WhoController], tlsServer('any'));
    const plain = served.endpoints.map((endpoint) => endpoint.replace('tls:', 'tcp:'));
    await eventually(async () =>
      expect(await reasonOf(plain, { engine: 'node' })).toMatch(
        /it may demand security, and this client has none/u,
      ),
    );
    expect(served.strategy.stats().accepted).toBe(0);
  });

  test("a client without TLS recognizes the server's alert", async () => {
    // Version 1.0 of the record, fatal, protocol_version: RFC 8446, sections 5.1 and 6.
    const alert = Buffer.from([21, 3, 1, 0, 2, 2, 70]);
    const other = createPlainServer((socket) => socket.on('error', () => {}).end(alert));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const what = /what listens there speaks TLS: give this client security/u;
    await eventually(async () =>
      expect(await reasonOf([`tcp://127.0.0.1:${port}`], { engine: 'node' })).toMatch(what),
    );
    other.close();
  });

  test('a client with TLS is told that the server does not use it', async () => {
    await using served = await serve([WhoController], { engine: 'node' });
    const tls = served.endpoints.map((endpoint) => endpoint.replace('tcp:', 'tls:'));
    await eventually(async () =>
      expect(await reasonOf(tls, tlsClient(alice))).toMatch(
        /what listens there does not speak TLS.*tcp:\/\//u,
      ),
    );
    expect(served.strategy.stats().accepted).toBe(0);
  });

  test('a client with TLS recognizes a web server without TLS', async () => {
    const web = createHttpServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    await eventually(async () =>
      expect(await reasonOf([`tls://127.0.0.1:${port}`], tlsClient())).toMatch(
        /does not speak TLS/u,
      ),
    );
    web.close();
  });

  test('a client with TLS is told that the server speaks TLS, but not ZMTP', async () => {
    const { cert, key } = server;
    const web = createServer({ cert, key }, (socket) =>
      socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    await eventually(async () =>
      expect(await reasonOf([`tls://127.0.0.1:${port}`], tlsClient())).toMatch(
        /does not speak the protocol of ZeroMQ/u,
      ),
    );
    web.close();
  });

  test('a client with TLS is told that no common version of TLS exists', async () => {
    await using served = await serve([WhoController], tlsServer('any', { minVersion: 'TLSv1.3' }));
    using client = connectTo(served.endpoints, tlsClient(alice, { minVersion: 'TLSv1.3' }));
    expect(await firstValueFrom(client.send('who', {}))).toMatchObject({ address: '127.0.0.1' });
    const { cert, key } = server;
    const old = createServer({ cert, key, maxVersion: 'TLSv1.2' }).on('tlsClientError', () => {});
    old.listen(0, '127.0.0.1');
    await once(old, 'listening');
    const { port } = old.address() as AddressInfo;
    const refusal = await refusalOf(`tls://127.0.0.1:${port}`, { minVersion: 'TLSv1.3' });
    expect(refusal).toContain('no version of TLS in common: see minVersion at both');
    old.close();
  });

  test.each([
    ['TLSv1.2', /or it demands a certificate of this client/u],
    ['TLSv1.3', /it demands a certificate: give security.cert and security.key/u],
  ] as const)(
    'a server of another library that asks for a certificate, by %s',
    async (maxVersion, what) => {
      const { cert, key } = server;
      const strict = createServer({ cert, key, maxVersion, requestCert: true, ca: alice.cert });
      strict.on('tlsClientError', () => {});
      strict.listen(0, '127.0.0.1');
      await once(strict, 'listening');
      const { port } = strict.address() as AddressInfo;
      await eventually(async () =>
        expect(await reasonOf([`tls://127.0.0.1:${port}`], tlsClient())).toMatch(what),
      );
      strict.close();
    },
  );
});
