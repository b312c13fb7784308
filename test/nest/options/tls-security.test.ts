import {
  type FreelanceClientOptions,
  FreelanceClientProxy,
  type FreelanceServerOptions,
  FreelanceTransportServer,
  type TlsClientSecurity,
  type TlsServerSecurity,
} from 'nestjs-freelance';
import { describe, expect, test } from 'vitest';
import { resolveClientOptions } from '../../../lib/nest/options/client-options.js';
import { resolveServerOptions } from '../../../lib/nest/options/server-options.js';
import { makeCertificate, makeRevocationList, withPassphrase } from '../../support/certificates.js';

const ca = makeCertificate({ cn: 'ca' });
const server = makeCertificate({ cn: 'server', by: ca });
const other = makeCertificate({ cn: 'other', by: ca });
const sealed = withPassphrase(server, 'open sesame');

const own = { mechanism: 'tls', cert: server.cert, key: server.key } as const;
const strange = (value: unknown) => value as never;

const serverOptions = (
  security: TlsServerSecurity,
  more: Partial<FreelanceServerOptions> = {},
): FreelanceServerOptions => ({ bind: 'tls://127.0.0.1:*', engine: 'node', security, ...more });

const clientOptions = (
  security: TlsClientSecurity,
  more: Partial<FreelanceClientOptions> = {},
): FreelanceClientOptions => ({
  endpoints: 'tls://server.example:1',
  engine: 'node',
  security,
  ...more,
});

function demandsOf(security: TlsServerSecurity) {
  const { own: credentials } = resolveServerOptions(serverOptions(security)).security ?? {};
  return credentials?.mechanism === 'tls' ? credentials.demands : undefined;
}

test.each<[demands: string, more: Omit<TlsServerSecurity, keyof typeof own>]>([
  ['nothing', { authorizedClients: 'any' }],
  ['certificate', { authorizedClients: [] }],
  ['trusted certificate', { authorizedClients: 'any', ca: ca.cert }],
  ['trusted certificate', { authorizedClients: [], ca: ca.cert }],
  ['trusted certificate', { authorizedClients: () => true, ca: ca.cert }],
])('clients must show: %s', (demands, more) => {
  expect(demandsOf({ ...own, ...more })).toBe(demands);
});

test.each([
  ['as Node writes them', (fingerprint: string) => fingerprint],
  ['in lower case', (fingerprint: string) => fingerprint.toLowerCase()],
  ['without colons', (fingerprint: string) => fingerprint.replaceAll(':', '')],
])('fingerprints are accepted %s', (_, written) => {
  const authorizedClients = [written(other.fingerprint256)];
  const { security } = resolveServerOptions(serverOptions({ ...own, authorizedClients }));
  expect(security?.access.of(other.fingerprint256)).toBe('authorized');
});

test('an encrypted key, and revocation lists, are accepted', () => {
  const crl = makeRevocationList(ca, [other]);
  const more = { ca: [ca.cert, Buffer.from(ca.cert)], crl, minVersion: 'TLSv1.3' } as const;
  const security = { ...own, key: sealed.key, passphrase: 'open sesame', ...more };
  expect(demandsOf({ ...security, authorizedClients: 'any' })).toBe('trusted certificate');
});

test('a name for each server is accepted', () => {
  const servername = { 'tls://10.0.0.1:1': 'one.example', 'tls://10.0.0.2:1': '10.0.0.9' };
  const { security } = resolveClientOptions(
    clientOptions({ mechanism: 'tls', servername }, { endpoints: Object.keys(servername) }),
  );
  const nameOf = (endpoint: string) =>
    security?.mechanism === 'tls' ? security.serverName(endpoint) : 'no tls';
  expect(nameOf('tls://10.0.0.1:1')).toBe('one.example');
  expect(nameOf('tls://10.0.0.3:1')).toBeUndefined();
});

describe('is refused, and says what to do:', () => {
  const any = { ...own, authorizedClients: 'any' } as const;

  test.each<[must: string, security: TlsServerSecurity, more?: Partial<FreelanceServerOptions>]>([
    ["engine must be 'node' if security has the mechanism 'tls'", any, { engine: 'libzmq' }],
    ['bind must begin with tls:// if security has', any, { bind: 'tcp://127.0.0.1:*' }],
    ['bind must begin with tls:// if security has', any, { bind: 'ipc:///tmp/a' }],
    ['bind must begin with tls:// if security has', any, { bind: 'inproc://a' }],
    ['bind must begin with tls:// if', any, { bind: ['tls://127.0.0.1:*', 'tcp://127.0.0.1:*'] }],
    ['bind must not begin with tls:// unless security has', any, { security: undefined }],
    ['security.cert must be there', { ...any, cert: strange(undefined) }],
    ['security.cert must be PEM, a text that begins with', { ...any, cert: './server.crt' }],
    ['such as a path: what the file has in it is wanted', { ...any, cert: './server.crt' }],
    ['security.cert must be PEM', { ...any, cert: server.key }],
    ['security.key must be PEM', { ...any, key: server.cert }],
    ['security.key must be PEM', { ...any, key: strange(undefined) }],
    ['security.key must be PEM', { ...any, key: '' }],
    ['security.key must be the private key that belongs to cert', { ...any, key: other.key }],
    ['security.passphrase must be the one that key is', { ...any, key: sealed.key }],
    ['passphrase must be the one', { ...any, key: sealed.key, passphrase: 'open barley' }],
    ['security.passphrase must be a string', { ...any, passphrase: strange(1) }],
    ['security.ca must be PEM', { ...any, ca: 'ca.crt' }],
    ['security.ca must have one at least', { ...any, ca: [] }],
    ['security.crl must come with ca', { ...any, crl: makeRevocationList(ca, []) }],
    ['security.crl must be PEM', { ...any, ca: ca.cert, crl: ca.cert }],
    [
      "security.minVersion must be 'TLSv1.2' or 'TLSv1.3'",
      { ...any, minVersion: strange('TLSv1') },
    ],
    ['security.ciphers or another option of TLS is refused', { ...any, ciphers: 'nonsense' }],
    ['security.ca must be there if authorizedClients', { ...any, authorizedClients: () => true }],
    [
      "must be a list of fingerprints, a function, or 'any'",
      { ...any, authorizedClients: strange(1) },
    ],
    [
      '64 hexadecimal digits, but no. 2',
      { ...any, authorizedClients: [other.fingerprint256, 'AB'] },
    ],
    ['there is no option "security.requestCert"', strange({ ...any, requestCert: true })],
  ])('a server: %s', (must, security, more) => {
    expect(() => new FreelanceTransportServer(serverOptions(security, more))).toThrow(must);
  });

  const plain = { mechanism: 'tls' } as const;

  test.each<[must: string, security: TlsClientSecurity, more?: Partial<FreelanceClientOptions>]>([
    ["engine must be 'node' if security has the mechanism 'tls'", plain, { engine: 'libzmq' }],
    ['endpoints must begin with tls:// if', plain, { endpoints: 'tcp://a:1' }],
    ['endpoints must not begin with tls:// unless security has', plain, { security: undefined }],
    ['security.cert must be there if key is', { ...plain, key: other.key }],
    ['security.key must be PEM', { ...plain, cert: other.cert }],
    ['security.servername must be the name of a host', { ...plain, servername: 'a b' }],
    ['security.servername must be', { ...plain, servername: { 'tls://a:1': '' } }],
    ['security.servername must be', { ...plain, servername: strange(1) }],
    ['checkServerIdentity must be a function', { ...plain, checkServerIdentity: strange(true) }],
    [
      'there is no option "security.rejectUnauthorized"',
      strange({ ...plain, rejectUnauthorized: false }),
    ],
  ])('a client: %s', (must, security, more) => {
    expect(() => new FreelanceClientProxy(clientOptions(security, more))).toThrow(must);
  });

  test('an added endpoint that does not fit the security', () => {
    const tls = new FreelanceClientProxy(clientOptions(plain));
    expect(() => tls.addEndpoint('tcp://a:1')).toThrow('it must begin with tls://');
    expect(() => tls.addEndpoint('tls://a:1', 'key')).toThrow('for clients with CURVE');
    const tcp = new FreelanceClientProxy({ endpoints: 'tcp://a:1' });
    expect(() => tcp.addEndpoint('tls://a:1')).toThrow('it must not begin with tls://');
  });

  test('to authorize or revoke what is not a fingerprint, or where no certificates are asked for', () => {
    const strict = new FreelanceTransportServer(serverOptions({ ...own, authorizedClients: [] }));
    expect(() => strict.revoke('mallory')).toThrow('the SHA-256 fingerprint of a certificate');
    const open = new FreelanceTransportServer(serverOptions(any));
    expect(() => open.revoke(other.fingerprint256)).toThrow('asks its clients for no certificate');
  });
});
