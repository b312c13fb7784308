import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FreelanceClientOptions,
  type FreelanceInfo,
  type FreelanceServerOptions,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { connectTo, serve } from '../support/nest.js';
import { curveClient, curveServer, keys } from '../support/security.js';
import { pki, tlsClient, tlsServer } from '../support/tls.js';

const OPEN = 'tcp://0.0.0.0:*';

/** What a client that may connect learns of such a server; undefined if the server offers no introspection. */
async function learned(
  options: Partial<FreelanceServerOptions>,
  own: Partial<FreelanceClientOptions> = {},
): Promise<FreelanceInfo | undefined> {
  await using served = await serve([], options);
  const endpoint = served.endpoints[0]?.replace('0.0.0.0', '127.0.0.1') ?? '';
  using client = connectTo([endpoint], own);
  try {
    return await firstValueFrom(client.send<FreelanceInfo>('$freelance.info', {}));
  } catch (error) {
    if (String(error).includes('no matching message handler')) return undefined;
    throw error;
  }
}

const path = () => `ipc://${join(tmpdir(), `${randomUUID().slice(0, 8)}.sock`)}`;

describe('without security, it is on if nobody else can reach the server', () => {
  test.each<[where: string, bind: () => string | string[], isOn: boolean]>([
    ['loopback', () => 'tcp://127.0.0.1:*', true],
    ['another address of loopback', () => 'tcp://127.1.2.3:*', true],
    ['a name that is loopback', () => 'tcp://localhost:*', true],
    ['a path', path, true],
    ['a name in this process', () => `inproc://${randomUUID()}`, true],
    ['several of these', () => ['tcp://127.0.0.1:*', path()], true],
    ['every interface', () => OPEN, false],
    ['every interface, as *', () => 'tcp://*:*', false],
    ['loopback, and every interface', () => ['tcp://127.0.0.1:*', OPEN], false],
  ])('bound to %s', async (where, bind, isOn) => {
    // Such a name is of one engine.
    const engine = where === 'a name in this process' ? ({ engine: 'node' } as const) : {};
    expect((await learned({ bind: bind(), ...engine }, engine)) !== undefined).toBe(isOn);
  });
});

describe('with security at every interface, it is on if all clients are named', () => {
  const alice = { security: curveClient(keys.alice) };
  const curve = (...given: Parameters<typeof curveServer>) => ({
    bind: OPEN,
    security: curveServer(...given),
  });

  test.each<[who: string, Partial<FreelanceServerOptions>, isOn: boolean]>([
    ['a list of keys', curve([keys.alice.publicKey]), true],
    ['a function', curve(() => true), true],
    ['anybody', curve('any'), false],
    ['anybody with a sealed name', curve('any', { allowAnonymous: false }), false],
    [
      'a list, and anonymous clients',
      curve([keys.alice.publicKey], { allowAnonymous: true }),
      false,
    ],
  ])('CURVE: %s', async (_who, options, isOn) => {
    expect((await learned(options, alice))?.mechanism).toBe(isOn ? 'curve' : undefined);
  });

  const plain = (allowAnonymous?: boolean) => ({
    bind: OPEN,
    security: { mechanism: 'plain', authorizedUsers: { alice: 'secret' }, allowAnonymous } as const,
  });
  const user = { security: { mechanism: 'plain', username: 'alice', password: 'secret' } } as const;

  test.each<[who: string, Partial<FreelanceServerOptions>, isOn: boolean]>([
    ['users', plain(), true],
    ['users, and anonymous clients', plain(true), false],
  ])('PLAIN: %s', async (_who, options, isOn) => {
    expect((await learned(options, user))?.mechanism).toBe(isOn ? 'plain' : undefined);
  });

  const tls = (...given: Parameters<typeof tlsServer>) => ({
    ...tlsServer(...given),
    bind: 'tls://0.0.0.0:*',
  });

  test.each<[who: string, Partial<FreelanceServerOptions>, isOn: boolean]>([
    ['a list of certificates', tls([pki.alice.fingerprint256]), true],
    ['a function', tls(() => true), true],
    ['any certificate of the authority', tls('any'), false],
    ['anybody', tls('any', { ca: undefined }), false],
  ])('TLS: %s', async (_who, options, isOn) => {
    const info = await learned(options, tlsClient(pki.alice));
    expect(info?.mechanism).toBe(isOn ? 'tls' : undefined);
  });

  test('where anybody may connect, but only from this machine, it is on', async () => {
    const options = { security: curveServer('any') };
    const stranger = { security: curveClient(generateCurveKeyPair()) };
    expect(await learned(options, stranger)).toMatchObject({ mechanism: 'curve' });
  });
});

describe('the option decides', () => {
  test('on at every interface', async () => {
    expect(await learned({ bind: OPEN, introspection: true })).toMatchObject({ mechanism: 'null' });
  });

  test('off at loopback', async () => {
    expect(await learned({ introspection: false })).toBeUndefined();
  });
});

test('neither keys, nor passwords, nor addresses of clients are told', async () => {
  const security = curveServer([keys.alice.publicKey]);
  await using served = await serve([], { security });
  using client = connectTo(served.endpoints, { security: curveClient(keys.alice) });
  for (const pattern of ['$freelance.info', '$freelance.stats']) {
    const told = JSON.stringify(await firstValueFrom(client.send(pattern, {})));
    const endpoints = JSON.stringify(served.endpoints);
    for (const key of [...Object.values(keys.server), ...Object.values(keys.alice)])
      expect(told).not.toContain(key);
    expect(told.replace(endpoints, '')).not.toContain('127.0.0.1');
  }
});
