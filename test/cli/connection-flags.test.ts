import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { generateCurveKeyPair } from 'nestjs-freelance';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../lib/cli/cli-error.js';
import {
  addConnectionFlags,
  connectionOptions,
  foundOptions,
  withServername,
} from '../../lib/cli/connection-flags.js';
import type { FreelanceClientSecurity } from '../../lib/nest/options/client-security.js';

const ENDPOINT = 'tcp://127.0.0.1:5555';
const own = generateCurveKeyPair();
const server = generateCurveKeyPair();

/** The options of a client, as a command with such flags and variables would make them. */
function optionsOf(
  flags: readonly string[],
  env: NodeJS.ProcessEnv = {},
  given?: readonly string[],
) {
  const command = addConnectionFlags(new Command('any'), 'flag').exitOverride();
  command.parse(flags, { from: 'user' });
  return connectionOptions(command, { env }, given);
}

function fileOf(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'freelance-cli-')), 'file');
  writeFileSync(path, content);
  return path;
}

describe('endpoints', () => {
  test('come from flags, given several times, or with commas between, each once', () => {
    const flags = ['-e', ENDPOINT, '--endpoint', 'tcp://a:1,tcp://b:2', '-e', ENDPOINT];
    expect(optionsOf(flags).endpoints).toEqual([ENDPOINT, 'tcp://a:1', 'tcp://b:2']);
    expect(optionsOf(['--endpoints', 'tcp://a:1', 'tcp://b:2']).endpoints).toEqual([
      'tcp://a:1',
      'tcp://b:2',
    ]);
  });

  test('come from arguments and from flags', () => {
    const env = { FREELANCE_ENDPOINTS: 'tcp://c:3' };
    const read = (flags: readonly string[]) => optionsOf(flags, env, ['tcp://a:1']).endpoints;
    expect(read(['-e', 'tcp://b:2'])).toEqual(['tcp://a:1', 'tcp://b:2']);
    expect(read([])).toEqual(['tcp://a:1']);
  });

  test('come from FREELANCE_ENDPOINTS where no flag names any', () => {
    const env = { FREELANCE_ENDPOINTS: 'tcp://a:1, tcp://b:2,' };
    expect(optionsOf([], env).endpoints).toEqual(['tcp://a:1', 'tcp://b:2']);
    expect(optionsOf(['-e', ENDPOINT], env).endpoints).toEqual([ENDPOINT]);
  });

  test.each([
    [[], {}, 'no server is named: give --endpoint'],
    [['-e', '10.0.0.1:5555'], {}, '--endpoint: "10.0.0.1:5555" is no address'],
    [['-e', '10.0.0.1:5555'], {}, 'such as tcp://10.0.0.1:5555'],
    [['-e', 'tcp://host'], {}, 'it must have a host and a port'],
    [[], { FREELANCE_ENDPOINTS: 'http://a' }, 'FREELANCE_ENDPOINTS: "http://a" is no address'],
    [['-e', 'inproc://a'], {}, 'never leaves the process'],
  ])('are refused with their source: %j %j', (flags, env, message) => {
    expect(() => optionsOf(flags, env)).toThrow(UsageError);
    expect(() => optionsOf(flags, env)).toThrow(message);
  });
});

describe('CURVE', () => {
  const needed = ['-e', ENDPOINT, '--curve-server-key', server.publicKey];

  test('takes the secret key, and derives the public one', () => {
    const { security } = optionsOf([...needed, '--curve-secret-key', own.secretKey]);
    expect(security).toEqual({ mechanism: 'curve', ...own, serverKey: server.publicKey });
  });

  test.each([
    ['a file of the key', own.secretKey],
    ['a file of the key with a line end', `${own.secretKey}\n`],
    ['a file that keygen --json has made', JSON.stringify(own)],
  ])('takes the secret key from %s', (_, content) => {
    const { security } = optionsOf([...needed, '--curve-secret-key', `@${fileOf(content)}`]);
    expect(security).toMatchObject(own);
  });

  test('takes keys from variables; a flag takes precedence', () => {
    const env = {
      FREELANCE_CURVE_SERVER_KEY: server.publicKey,
      FREELANCE_CURVE_SECRET_KEY: own.secretKey,
    };
    expect(optionsOf(['-e', ENDPOINT], env).security).toMatchObject(own);
    const other = generateCurveKeyPair();
    const flags = ['-e', ENDPOINT, '--curve-secret-key', other.secretKey];
    expect(optionsOf(flags, env).security).toMatchObject({ ...other, serverKey: server.publicKey });
  });

  test('makes a key where none is given, for servers that admit any client', () => {
    expect(optionsOf(needed).security).toMatchObject({
      mechanism: 'curve',
      secretKey: expect.stringMatching(/^.{40}$/),
      serverKey: server.publicKey,
    });
  });

  test('takes a key of each server', () => {
    const other = generateCurveKeyPair();
    const { security } = optionsOf([
      '-e',
      `${ENDPOINT},tcp://b:2`,
      '--curve-server-key',
      `${ENDPOINT}=${server.publicKey}`,
      '--curve-server-key',
      `tcp://b:2=${other.publicKey}`,
    ]);
    expect(security).toMatchObject({
      serverKey: { [ENDPOINT]: server.publicKey, 'tcp://b:2': other.publicKey },
    });
  });

  test('takes a key that begins with an @, as Z85 may', () => {
    const key = `@${server.publicKey.slice(1)}`;
    expect(optionsOf(['-e', ENDPOINT, '--curve-server-key', key]).security).toMatchObject({
      serverKey: key,
    });
  });

  test('never shows a wrong secret', () => {
    const wrong = 'not-a-key-but-secret';
    const read = () => optionsOf([...needed, '--curve-secret-key', wrong]);
    expect(read).toThrow('--curve-secret-key must be a key of 40 characters');
    expect(read).not.toThrow(wrong);
  });

  test('says which flag is missing, and its variable', () => {
    expect(() => optionsOf(['-e', ENDPOINT, '--curve-secret-key', own.secretKey])).toThrow(
      '--curve-server-key (or the variable FREELANCE_CURVE_SERVER_KEY) is missing',
    );
  });

  test('says which file cannot be read', () => {
    expect(() => optionsOf([...needed, '--curve-secret-key', '@/nowhere/at/all'])).toThrow(
      /--curve-secret-key names a file that cannot be read: ENOENT.*\/nowhere\/at\/all/,
    );
  });
});

describe('PLAIN and TLS', () => {
  test('PLAIN takes a name, and a password from a file', () => {
    const flags = ['-e', ENDPOINT, '--plain-username', 'ann'];
    expect(optionsOf([...flags, '--plain-password', `@${fileOf('s3cret\n')}`]).security).toEqual({
      mechanism: 'plain',
      username: 'ann',
      password: 's3cret',
    });
    expect(() => optionsOf(flags)).toThrow('--plain-password (or the variable');
  });

  test('TLS takes files of PEM', () => {
    const pem = '-----BEGIN CERTIFICATE-----\n';
    const flags = ['-e', 'tls://a:1', '--tls-ca', fileOf(pem), '--tls-servername', 'a.example'];
    expect(optionsOf(flags).security).toEqual({
      mechanism: 'tls',
      ca: [pem],
      servername: 'a.example',
    });
  });

  test("a tls:// address alone means TLS with Node's authorities", () => {
    expect(optionsOf(['-e', 'tls://a:1']).security).toEqual({ mechanism: 'tls' });
  });

  test('flags of two mechanisms are refused; a flag overrides variables of another', () => {
    const flags = ['-e', ENDPOINT, '--plain-username', 'ann', '--tls-ca', 'x'];
    expect(() => optionsOf(flags)).toThrow('belong to different mechanisms');
    const env = { FREELANCE_CURVE_SERVER_KEY: server.publicKey, FREELANCE_PLAIN_PASSWORD: 'p' };
    expect(optionsOf(['-e', ENDPOINT, '--plain-username', 'ann'], env).security).toMatchObject({
      mechanism: 'plain',
      password: 'p',
    });
  });
});

describe('--dns', () => {
  const security: FreelanceClientSecurity = { mechanism: 'tls' };
  const found = (endpoint: string, name?: string) => ({ endpoint, name });

  test('leaves an IP address as it is, and finds the loopback behind its name', async () => {
    const endpointsFor = async (...flags: string[]) => {
      const command = addConnectionFlags(new Command('any'), 'flag').exitOverride();
      command.parse(flags, { from: 'user' });
      const interrupted = new AbortController().signal;
      const { endpoints } = await foundOptions(command, { env: {}, interrupted });
      return endpoints;
    };
    expect(await endpointsFor('--dns', '-e', 'tcp://127.0.0.2:1')).toEqual(['tcp://127.0.0.2:1']);
    expect(await endpointsFor('-e', 'tcp://localhost:1')).toEqual(['tcp://localhost:1']);
    expect(await endpointsFor('--dns', '-e', 'tcp://localhost:1')).toContain('tcp://127.0.0.1:1');
  });

  test('with TLS, certificates are those of the name; of several names, none can be', () => {
    const one = [found('tls://10.0.0.1:1', 'orders'), found('tls://10.0.0.2:1', 'orders')];
    expect(withServername(security, one)).toEqual({ ...security, servername: 'orders' });
    expect(withServername({ ...security, servername: 'x' }, one)).toMatchObject({
      servername: 'x',
    });
    expect(withServername(security, [found('tls://10.0.0.1:1')])).toEqual(security);
    expect(() => withServername(security, [...one, found('tls://10.0.0.3:1', 'billing')])).toThrow(
      'orders, billing are several',
    );
  });
});
