import { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import {
  FreelanceClientProxy,
  type FreelanceServerOptions,
  FreelanceTransportServer,
} from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { withPassphrase } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/ports.js';
import { connectTo, serve } from '../support/nest.js';
import { curveClient, curveServer, keys, WhoController } from '../support/security.js';
import { pki, tlsClient, tlsServer } from '../support/tls.js';

const { alice, server } = keys;
const PASSWORD = 'correct horse battery staple';
const PASSPHRASE = 'open sesame, and be quick';

/** A private key as in its file; no line of it may leak. */
const linesOf = ({ key }: { key: string }) =>
  key.split('\n').filter((line) => /^[\w+/=]{20}/u.test(line));

const sealed = withPassphrase(pki.alice, PASSPHRASE);

const SECRETS = [
  alice.secretKey,
  server.secretKey,
  PASSWORD,
  PASSPHRASE,
  ...[pki.alice, pki.server, sealed].flatMap(linesOf),
];

/** Every way to print an object. */
function printed(value: unknown): string {
  const depth = { depth: Infinity, showHidden: true, getters: true, maxStringLength: Infinity };
  return (
    inspect(value, { ...depth, maxArrayLength: Infinity }) + (JSON.stringify(value, cyclic()) ?? '')
  );
}

function cyclic() {
  const seen = new Set<unknown>();
  return (_: string, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return undefined;
    seen.add(value);
    return value;
  };
}

function expectNoSecret(text: string): void {
  for (const secret of SECRETS) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
  }
}

describe('no printed output contains secrets', () => {
  let said = '';

  /** Must be called once the application has its logger. */
  function listenToLog(): void {
    said = '';
    const keep = (...all: unknown[]) => {
      said += all.map((item) => (typeof item === 'string' ? item : printed(item))).join(' ');
    };
    Logger.overrideLogger({ log: keep, error: keep, warn: keep, debug: keep, verbose: keep });
  }

  afterEach(() => Logger.overrideLogger(false));

  test('of a working client and server', async () => {
    await using served = await serve([WhoController], { security: curveServer([alice.publicKey]) });
    listenToLog();
    using client = connectTo(served.endpoints, { security: curveClient(alice) });
    const answer: unknown = await firstValueFrom(client.send('who', {}));
    served.strategy.revoke(alice.publicKey);
    const refused: unknown = await firstValueFrom(client.send('who', {})).catch((e: unknown) => e);
    for (const thing of [
      served.strategy,
      served.strategy.stats(),
      served.strategy.unwrap(),
      client,
      client.stats(),
      answer,
      refused,
    ]) {
      expectNoSecret(printed(thing));
    }
    await eventually(() => expect(said).toContain('is down'));
    expectNoSecret(said);
  });

  test('with PLAIN', async () => {
    await using served = await serve([WhoController], {
      security: { mechanism: 'plain', authorizedUsers: { alice: PASSWORD } },
    });
    listenToLog();
    using client = connectTo(served.endpoints, {
      security: { mechanism: 'plain', username: 'alice', password: PASSWORD },
    });
    await client.connect();
    served.strategy.revoke('alice');
    await expect(firstValueFrom(client.send('who', {}))).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
    expectNoSecret(printed(client) + printed(served.strategy) + said);
  });

  test('with TLS', async () => {
    const { key } = withPassphrase(pki.server, PASSPHRASE);
    // A file with both, and an authority's file with both.
    const cert = pki.server.cert + key;
    const ca = pki.ca.cert + pki.ca.key;
    await using served = await serve(
      [WhoController],
      tlsServer([pki.alice.fingerprint256], { cert, ca, key, passphrase: PASSPHRASE }),
    );
    listenToLog();
    using client = connectTo(served.endpoints, tlsClient(sealed, { passphrase: PASSPHRASE }));
    const answer: unknown = await firstValueFrom(client.send('who', {}));
    const sockets = [...served.strategy.unwrap<Iterable<unknown>>()];
    expect(sockets).toEqual([expect.any(TLSSocket)]);
    // Not by JSON, which a Node socket refuses.
    const all = { depth: Infinity, showHidden: true, maxStringLength: Infinity };
    const shown = inspect([sockets, client.unwrap()], { ...all, maxArrayLength: Infinity });
    expect(shown).not.toContain('PRIVATE KEY');
    expectNoSecret(shown);
    served.strategy.revoke(pki.alice.fingerprint256);
    const refused: unknown = await firstValueFrom(client.send('who', {})).catch((e: unknown) => e);
    for (const thing of [served.strategy, served.strategy.stats(), client, answer, refused]) {
      expectNoSecret(printed(thing));
    }
    await eventually(() => expect(said).toContain('is down'));
    expectNoSecret(said);
  });

  const bind = 'tcp://127.0.0.1:*';
  const endpoints = 'tcp://127.0.0.1:1';
  const curve = { mechanism: 'curve', ...server, authorizedClients: 'any' } as const;
  const plain = { mechanism: 'plain', authorizedUsers: { alice: PASSWORD } } as const;
  const strange = (value: unknown) => value as never;

  test.each<[title: string, construct: () => unknown]>([
    [
      'a secret key in the place of the public one',
      () =>
        new FreelanceTransportServer({ bind, security: { ...curve, publicKey: server.secretKey } }),
    ],
    [
      'a secret key that is cut',
      () =>
        new FreelanceTransportServer({
          bind,
          security: { ...curve, secretKey: strange(`${server.secretKey} `) },
        }),
    ],
    [
      'a secret key among those who may connect, cut',
      () =>
        new FreelanceTransportServer({
          bind,
          security: { ...curve, authorizedClients: [`${alice.secretKey} `] },
        }),
    ],
    [
      'a secret key in the place of the list',
      () =>
        new FreelanceTransportServer({
          bind,
          security: { ...curve, authorizedClients: strange(alice.secretKey) },
        }),
    ],
    [
      'the own secret key in the list',
      () =>
        new FreelanceTransportServer({
          bind,
          security: { ...curve, authorizedClients: [alice.publicKey, server.secretKey] },
        }),
    ],
    [
      'a secret key in the place of a flag',
      () =>
        new FreelanceTransportServer({
          bind,
          security: { ...curve, allowAnonymous: strange(server.secretKey) },
        }),
    ],
    [
      'a password in the place of a flag',
      () =>
        new FreelanceTransportServer({
          bind,
          security: { ...plain, allowAnonymous: strange(PASSWORD) },
        }),
    ],
    [
      'a password in the place of the passwords',
      () =>
        new FreelanceTransportServer({
          bind,
          security: { ...plain, authorizedUsers: strange(PASSWORD) },
        }),
    ],
    [
      'a password in the place of the name',
      () =>
        new FreelanceClientProxy({
          endpoints,
          security: { mechanism: 'plain', username: strange([PASSWORD]), password: 'x' },
        }),
    ],
    [
      'a name that is far too long, and may be anything',
      () =>
        new FreelanceClientProxy({
          endpoints,
          security: { mechanism: 'plain', username: PASSWORD.repeat(20), password: 'x' },
        }),
    ],
    [
      'a secret key in the place of the own public one',
      () =>
        new FreelanceClientProxy({
          endpoints,
          security: {
            mechanism: 'curve',
            ...alice,
            publicKey: alice.secretKey,
            serverKey: server.publicKey,
          },
        }),
    ],
    [
      'metadata with a password and what is no text',
      () =>
        new FreelanceClientProxy({ endpoints, metadata: strange({ password: PASSWORD, bad: 1 }) }),
    ],
    [
      'an address with a password',
      () => new FreelanceTransportServer({ bind: strange([{ password: PASSWORD }]) }),
    ],
    [
      'an invalid password',
      () =>
        new FreelanceTransportServer({
          bind,
          security: { ...plain, authorizedUsers: { alice: PASSWORD, bob: strange(1) } },
        }),
    ],
    [
      'security that is a string',
      () => new FreelanceTransportServer({ bind, security: strange(alice.secretKey) }),
    ],
    [
      'an unknown mechanism',
      () =>
        new FreelanceTransportServer({
          bind,
          security: { ...curve, mechanism: strange(server.secretKey) },
        }),
    ],
    [
      'a name that is a password',
      () =>
        new FreelanceClientProxy({
          endpoints,
          security: { mechanism: 'plain', username: 'a', password: strange([PASSWORD]) },
        }),
    ],
    [
      'a server key that is secret',
      () =>
        new FreelanceClientProxy({
          endpoints,
          security: { mechanism: 'curve', ...alice, serverKey: `${server.secretKey} ` },
        }),
    ],
    ...['cert', 'ca', 'crl', 'passphrase', 'authorizedClients', 'ciphers', 'minVersion'].map(
      (option): [string, () => unknown] => [
        `a private key in the place of ${option}`,
        () => {
          const { security } = tlsServer('any');
          const wrong = strange({ ...security, key: sealed.key, [option]: pki.alice.key });
          return new FreelanceTransportServer({ ...tlsServer('any'), security: wrong });
        },
      ],
    ),
    [
      'a wrong passphrase',
      () =>
        new FreelanceClientProxy({
          endpoints: 'tls://127.0.0.1:1',
          ...tlsClient(sealed, { passphrase: `${PASSPHRASE}!` }),
        }),
    ],
    [
      'a private key in the place of the name of a server',
      () =>
        new FreelanceClientProxy({
          endpoints: 'tls://127.0.0.1:1',
          ...tlsClient(pki.alice, { servername: pki.alice.key }),
        }),
    ],
  ])('in errors about options: %s', (_, construct) => {
    let error: unknown;
    try {
      construct();
    } catch (e) {
      error = e;
    }
    expect(error).toMatchObject({ code: 'BAD_OPTIONS' });
    expectNoSecret(printed(error));
  });
});

describe('a server reachable by others', () => {
  const warned: string[] = [];
  const warnings = () => warned.filter((text) => text.includes('security'));

  beforeEach(() => {
    warned.length = 0;
    vi.spyOn(Logger.prototype, 'warn').mockImplementation((message: unknown) => {
      warned.push(String(message));
    });
  });

  afterEach(() => vi.restoreAllMocks());

  async function listen(options: FreelanceServerOptions, times = 1) {
    @Module({})
    class EmptyModule {}

    const strategy = new FreelanceTransportServer(options);
    const app = await NestFactory.createMicroservice(EmptyModule, { strategy, logger: false });
    await app.listen();
    for (let time = 1; time < times; time++) {
      await strategy.close();
      await new Promise<void>((resolve) => strategy.listen(() => resolve()));
    }
    await app.close();
  }

  test('warns once if it has no security', async () => {
    const bind = ['tcp://127.0.0.1:*', `tcp://0.0.0.0:${await freePort()}`];
    await listen({ bind }, 2);
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toMatch(/^tcp:\/\/0\.0\.0\.0:\d+ can be reached from other machines/);
    expect(warnings()[0]).not.toContain('127.0.0.1:');
  });

  test('warns if its security does not encrypt', async () => {
    const security = { mechanism: 'plain', authorizedUsers: { alice: 'her password' } } as const;
    await listen({ bind: 'tcp://0.0.0.0:*', security });
    expect(warnings()).toEqual([expect.stringContaining('PLAIN encrypts nothing')]);
    expect(warnings()[0]).not.toContain('her password');
  });

  test('does not warn if its security encrypts', async () => {
    await listen({ bind: 'tcp://0.0.0.0:*', security: curveServer([]) });
    expect(warnings()).toEqual([]);
  });

  test.each([
    'tcp://127.0.0.1:*',
    'tcp://127.8.0.1:*',
    'tcp://localhost:*',
    'tcp://[::1]:*',
    'inproc://here',
  ])('does not warn if it is not reachable: %s', async (bind) => {
    await listen({ bind });
    expect(warnings()).toEqual([]);
  });
});
