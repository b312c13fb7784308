import { type FreelanceServerSecurity, generateCurveKeyPair } from 'nestjs-freelance';
import { describe, expect, test } from 'vitest';
import { resolveClientOptions } from '../../../lib/nest/options/client-options.js';
import { resolveServerOptions } from '../../../lib/nest/options/server-options.js';

const keys = generateCurveKeyPair();
const client = generateCurveKeyPair();

function read(security: FreelanceServerSecurity) {
  const resolved = resolveServerOptions({ bind: 'tcp://*:*', security }).security;
  if (!resolved) throw new Error('it has no security');
  return resolved;
}

const curve = { mechanism: 'curve', ...keys } as const;

test.each<[title: string, security: FreelanceServerSecurity, anonymous: boolean]>([
  ['a list of keys', { ...curve, authorizedClients: [client.publicKey] }, false],
  ['a function', { ...curve, authorizedClients: () => true }, false],
  ['any key', { ...curve, authorizedClients: 'any' }, true],
  [
    'any key, but no anonymous client',
    { ...curve, authorizedClients: 'any', allowAnonymous: false },
    false,
  ],
  ['passwords', { mechanism: 'plain', authorizedUsers: { ada: 'secret' } }, false],
  [
    'passwords, and anonymous clients',
    { mechanism: 'plain', authorizedUsers: { ada: 'secret' }, allowAnonymous: true },
    true,
  ],
])('allowAnonymous of %s is as documented', (_, security, anonymous) => {
  expect(read(security).allowAnonymous).toBe(anonymous);
});

describe('passwords by name', () => {
  const { judge } = read({ mechanism: 'plain', authorizedUsers: { ada: 'secret', bob: 'other' } });

  test.each([
    ['ada', 'secret', true],
    ['bob', 'other', true],
    ['ada', 'other', false],
    ['ada', '', false],
    ['nobody', 'secret', false],
    // Who does not exist is compared with the hash of nothing, too.
    ['nobody', '', false],
    ['constructor', '', false],
  ])('%s with "%s": %s', (username, password, isAdmitted) => {
    expect(judge({ mechanism: 'plain', username, password }, '')).toBe(isAdmitted);
  });

  test('do not admit keys', () => {
    expect(judge({ mechanism: 'curve', publicKey: client.publicKey }, '')).toBe(false);
  });
});

test('a function decides about keys, and is not asked about usernames', () => {
  const asked: string[] = [];
  const { judge } = read({ ...curve, authorizedClients: (key: string) => asked.push(key) > 0 });
  expect(judge({ mechanism: 'curve', publicKey: client.publicKey }, '')).toBe(true);
  expect(judge({ mechanism: 'plain', username: 'ada', password: 'x' }, '')).toBe(false);
  expect(asked).toEqual([client.publicKey]);
});

test('the error of a mismatched key pair shows neither key', () => {
  const mixed = { ...curve, publicKey: client.publicKey, authorizedClients: 'any' } as const;
  const resolve = () => resolveServerOptions({ bind: 'tcp://*:*', security: mixed });
  expect(resolve).toThrow('security.publicKey must be the one that belongs to secretKey');
  expect(resolve).not.toThrow(keys.secretKey);
});

test.each([
  ['', 'an empty string'],
  [undefined, 'undefined'],
  [keys.secretKey.slice(1), 'a string of 39 characters'],
  ['"'.repeat(40), 'a string of 40 characters that are not Z85'],
])('the error of what is not a key shows none of it: %j', (noKey, outline) => {
  const resolve = (security: object) => () =>
    resolveServerOptions({ bind: 'tcp://*:*', security: { ...curve, ...security } as never });
  const tried = [
    [{ publicKey: noKey, authorizedClients: 'any' }, 'security.publicKey must be a key of 40'],
    [{ secretKey: noKey, authorizedClients: 'any' }, 'security.secretKey must be a key of 40'],
    [{ authorizedClients: [client.publicKey, noKey] }, 'security.authorizedClients must be keys'],
  ] as const;
  for (const [security, begins] of tried) {
    const begun = begins.replaceAll('.', '\\.');
    expect(resolve(security)).toThrow(new RegExp(`${begun}.* (but|no\\. 2) is ${outline}\\.$`));
  }
  const known = { mechanism: 'curve', ...client, serverKey: noKey } as never;
  expect(() => resolveClientOptions({ endpoints: ['tcp://a:1'], security: known })).toThrow(
    `security.serverKey must be a key of 40 characters for each server, but for tcp://a:1 it is ${outline}.`,
  );
});
