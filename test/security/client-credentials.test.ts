import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { ClientCredentials } from '../../lib/security/client-credentials.js';

const [own, first, second] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];

const curve = (serverKey: (endpoint: string) => string | undefined) =>
  new ClientCredentials({ mechanism: 'curve', ...own, serverKey }, randomBytes);

test('each connection has its own routing id', () => {
  for (const credentials of [
    curve(() => first.publicKey),
    new ClientCredentials({ mechanism: 'plain', username: 'a', password: 'b' }, randomBytes),
  ]) {
    const ids = Array.from({ length: 10 }, () => credentials.for('tcp://a:1'));
    expect(new Set(ids.map((one) => 'routingId' in one && one.routingId)).size).toBe(10);
  }
});

test('a key set for one server takes precedence over the option', () => {
  const credentials = curve(() => first.publicKey);
  credentials.setServerKey('tcp://b:1', second.publicKey);
  expect(credentials.for('tcp://a:1')).toMatchObject({ serverKey: first.publicKey });
  expect(credentials.for('tcp://b:1')).toMatchObject({ serverKey: second.publicKey });
});

test('without the key of a server there is no connection to it', () => {
  const credentials = curve((endpoint) => (endpoint === 'tcp://a:1' ? first.publicKey : undefined));
  expect(credentials.hasKeyOf('tcp://a:1')).toBe(true);
  expect(credentials.hasKeyOf('tcp://b:1')).toBe(false);
  expect(() => credentials.for('tcp://b:1')).toThrow('serverKey has no key of tcp://b:1');
});
