import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { describe, expect, test } from 'vitest';
import {
  readBindAddress,
  readEndpoint,
  type ReadAddress,
} from '../../../lib/nest/options/addresses.js';
import { resolveClientOptions } from '../../../lib/nest/options/client-options.js';
import { generateCurveKeyPair } from '../../../lib/nest/curve-key-pair.js';

const path = (bytes: number) => `/tmp/${'x'.repeat(bytes - 5)}`;
const long = process.platform === 'linux' ? 107 : 103;

describe.each([
  ['an endpoint', readEndpoint],
  ['an address to bind', readBindAddress],
])('as %s', (_what, read: (given: string) => ReadAddress) => {
  test.each([
    'tcp://localhost:5555',
    'tcp://10.0.0.1:1',
    'tcp://127.1:65535',
    'tcp://[::1]:5555',
    'tls://server.example:5555',
    'tls://[::1]:5555',
    'tcp://[fe80::1%eth0]:5555',
    'tcp://Server-1.my_net.example.:5555',
    'tcp://my_service:5555',
    'tcp://eth0.100:5555',
    `tcp://${'x'.repeat(63)}.example:5555`,
    'ipc:///tmp/a.sock',
    'ipc://relative',
    'ipc://@abstract',
    `ipc://${path(long)}`,
    'inproc://a',
    'inproc://any/thing:1',
  ])('%s stays as it is', (given) => {
    expect(read(given)).toEqual({ address: given });
  });

  test.each([
    ['tcp://bücher.example:5555', 'tcp://xn--bcher-kva.example:5555'],
    ['tcp://例え.jp:1', 'tcp://xn--r8jz45g.jp:1'],
    ['tcp://BÜCHER:1', 'tcp://xn--bcher-kva:1'],
  ])('%s is looked up in ASCII', (given, address) => {
    expect(read(given)).toEqual({ address });
  });

  test.each([
    ['tcp://user@h:5', 'it must not have a user'],
    ['tcp://user:secret@h:5', /^it must not have a user$/u],
    ['tcp://h', 'a host and a port'],
    ['tcp://h:', 'a port from 1 to 65535'],
    ['tcp://h:0', 'a port from 1 to 65535'],
    ['tcp://h:00000', 'a port from 1 to 65535'],
    ['tcp://h:65536', 'a port from 1 to 65535'],
    ['tcp://h:-1', 'a port from 1 to 65535'],
    ['tcp://h:5555/path', 'a port from 1 to 65535'],
    ['tcp://h:5555?a=1', 'a port from 1 to 65535'],
    ['tcp://h:5555 ', 'a port from 1 to 65535'],
    ['tcp://h:http', 'a port from 1 to 65535'],
    ['tcp://:5555', 'a host and a port'],
    ['tcp://my host:5555', '"my host" is not a host'],
    [' tcp://h:5555', 'it must begin with tcp://, tls://, ipc:// or inproc://'],
    ['tcp://h/x:5555', '"h/x" is not a host'],
    ['tcp://h\n:5555', 'is not a host'],
    ['tcp://ü#x:5555', '"ü#x" is not a host'],
    ['tcp://ü/x:5555', '"ü/x" is not a host'],
    ['tcp://ü\\x:5555', 'is not a host'],
    ['tcp://a..b:5555', 'is not a host'],
    ['tcp://.a:5555', 'is not a host'],
    [`tcp://${'x'.repeat(64)}:5555`, 'is not a host'],
    [`tcp://${'x.'.repeat(128)}:5555`, 'is not a host'],
    ['tcp://10.0.0.256:5555', '"10.0.0.256" is not a host'],
    ['tcp://1.2.3.4.5:5555', 'is not a host'],
    ['tcp://::1:5555', '"::1" is not a host'],
    ['tcp://[::1:5555', 'is not a host'],
    ['tcp://[10.0.0.1]:5555', 'is not a host'],
    ['tcp://[::1]', 'a host and a port'],
    ['http://h:5555', 'it must begin with tcp://'],
    ['localhost:5555', 'it must begin with tcp://'],
    ['', 'it must begin with tcp://'],
    ['ipc://', 'no path'],
    ['ipc:///tmp/a b', 'spaces'],
    ['ipc:///tmp/a\0b', 'spaces'],
    ['ipc:///tmp/', 'a directory'],
    [`ipc://${path(long + 1)}`, `its path has ${long + 1} bytes, and a socket may have ${long}`],
    [`ipc:///tmp/${'ü'.repeat(60)}`, 'its path has 125 bytes'],
    ['inproc://', 'no name'],
  ] as const)('%j can never work', (given, why) => {
    expect(read(given)).toEqual({ wrong: expect.stringMatching(why) });
  });
});

test.each(['tcp://*:5555', 'tcp://h:*', 'ipc://*'])(
  '%s can be bound, but not connected to',
  (given) => {
    expect(readBindAddress(given)).toEqual({ address: given });
    expect(readEndpoint(given)).toEqual({ wrong: expect.any(String) });
  },
);

const user = 'tcp://user:secret@h:5';

test('options, addEndpoint and bind say at once what is wrong with an address', () => {
  const client = new FreelanceClientProxy({ endpoints: 'tcp://10.0.0.1:5555' });
  const why = 'but got "tcp://…@h:5": it must not have a user.';
  expect(() => client.addEndpoint(user)).toThrow(why);
  expect(() => client.addEndpoint(undefined as never)).toThrow('but got undefined');
  expect(() => new FreelanceClientProxy({ endpoints: user })).toThrow(
    'endpoints must be an address like tcp://10.0.0.1:5555, but is "tcp://…@h:5": it must not have a user.',
  );
  expect(() => new FreelanceTransportServer({ bind: ['tcp://*:*', user] })).toThrow(
    'bind must be an address like tcp://0.0.0.0:5555, but is "tcp://…@h:5": it must not have a user.',
  );
  expect(() => client.removeEndpoint(user)).not.toThrow();
});

test('an address in two spellings is one server, with its key under either', () => {
  const unicode = 'tcp://bücher.example:5555';
  const ascii = 'tcp://xn--bcher-kva.example:5555';
  const server = generateCurveKeyPair();
  const { agent, security } = resolveClientOptions({
    endpoints: [unicode, ascii],
    security: {
      mechanism: 'curve',
      ...generateCurveKeyPair(),
      serverKey: { [unicode]: server.publicKey },
    },
  });
  expect(agent.targets).toEqual([{ endpoint: ascii }]);
  expect(security?.mechanism === 'curve' && security.serverKey(ascii)).toBe(server.publicKey);
});
