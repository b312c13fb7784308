import { randomBytes } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { ServerTarget } from '../../../lib/core/server-target.js';
import { KnownEndpoints } from '../../../lib/nest/client/known-endpoints.js';
import { ClientCredentials } from '../../../lib/security/client-credentials.js';

const A = 'tcp://10.0.0.1:5555';
const B = 'tcp://10.0.0.2:5555';
const KEY = 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7';

const named = (...endpoints: string[]): ServerTarget[] =>
  endpoints.map((endpoint) => ({ endpoint }));
const known = (servers: KnownEndpoints) => servers.all.map(({ endpoint }) => endpoint);

describe('beside a discovery', () => {
  test('what is added by hand is added to each set', () => {
    const servers = new KnownEndpoints([], undefined);
    servers.add(B, undefined);
    servers.discovered(named(A));
    expect(known(servers).toSorted()).toEqual([A, B]);
    servers.discovered([]);
    expect(known(servers)).toEqual([B]);
    servers.remove(B);
    expect(known(servers)).toEqual([]);
  });

  test('of a server that is added and discovered, it says more', () => {
    const servers = new KnownEndpoints([], undefined);
    servers.add(A, undefined);
    servers.discovered([{ endpoint: A, zone: 'a' }]);
    expect(servers.all).toEqual([{ endpoint: A, zone: 'a' }]);
  });

  test('a server that is removed stays so until it is named no more, or is added', () => {
    const servers = new KnownEndpoints([], undefined);
    servers.discovered(named(A, B));
    servers.remove(A);
    servers.discovered(named(B, A));
    expect(known(servers)).toEqual([B]);
    servers.add(A, undefined);
    expect(known(servers).toSorted()).toEqual([A, B]);
    servers.remove(A);
    servers.discovered(named(B));
    servers.discovered(named(A, B));
    expect(known(servers).toSorted()).toEqual([A, B]);
  });
});

test('a server that is added again has the name of its certificate from the discovery again', () => {
  const tls = new ClientCredentials(
    {
      mechanism: 'tls',
      context: {} as SecureContext,
      certificate: undefined,
      serverName: () => undefined,
      checkServerIdentity: undefined,
    },
    randomBytes,
  );
  const servers = new KnownEndpoints([], tls);
  const endpoint = 'tls://10.0.0.1:5555';
  servers.discovered([{ endpoint, name: 'orders.test' }]);
  servers.remove(endpoint);
  servers.discovered([{ endpoint, name: 'orders.test' }]);
  servers.add(endpoint, undefined);
  expect(tls.for(endpoint)).toMatchObject({ serverName: 'orders.test' });
});

describe('what a discovery names is read as the client’s security wants it', () => {
  const curve = (serverKey: (endpoint: string) => string | undefined) =>
    new ClientCredentials(
      { mechanism: 'curve', publicKey: KEY, secretKey: KEY, serverKey },
      randomBytes,
    );
  const plain = new ClientCredentials(
    { mechanism: 'plain', username: 'a', password: 'b' },
    randomBytes,
  );

  test.each<[string, ClientCredentials | undefined, unknown, object]>([
    ['an address', undefined, A, { endpoint: A }],
    ['an object', undefined, { endpoint: A, zone: 'a' }, { endpoint: A, zone: 'a' }],
    ['PLAIN', plain, A, { endpoint: A }],
    ['CURVE, one key for all', curve(() => KEY), A, { endpoint: A }],
  ])('%s', (_what, credentials, given, target) => {
    expect(new KnownEndpoints([], credentials).read(given)).toEqual(target);
  });

  test.each<[string, ClientCredentials | undefined, unknown, string]>([
    ['nonsense', undefined, 'x', '"x" is not used: it must begin with tcp://, tls://'],
    ['no address', undefined, {}, 'undefined is not used: an address is text'],
    ['null', undefined, null, 'null is not used: an address is text'],
    ['a password', undefined, 'tcp://a:b@c:1', '"tcp://…@c:1" is not used'],
    ['TLS without security', undefined, 'tls://a:1', 'tls://a:1 is not used: it must'],
    ['PLAIN, inproc', plain, 'inproc://a', 'inproc://a is not used: it must not'],
    ['CURVE, no key', curve(() => undefined), A, 'security.serverKey has no key for it'],
  ])('%s: not', (_what, credentials, given, why) => {
    const wrong = expect.stringContaining(why);
    expect(new KnownEndpoints([], credentials).read(given)).toEqual({ wrong });
  });
});
