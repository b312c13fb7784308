import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { describe, expect, test } from 'vitest';
import { Cli, cli } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { curveServer, keys } from '../support/security.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

const doctor = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  cli(['doctor', ...args], env && { env });

describe('nestjs-freelance doctor', () => {
  test('prints each step in ASCII where there is no terminal, and a verdict', async () => {
    await using server = await serve([EchoController], { serverId: 'one' });
    const { code, stdout, stderr } = await doctor([...server.endpoints]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^ok {3}address .*\nok {3}name .*\nok {3}connection .*\nok {3}greeting .*\nok {3}handshake .*\nok {3}hello .*"one".*\n/u,
    );
    expect(stdout).toMatch(/ is fine.*: a client can call this server\.\n$/u);
    // oxlint-disable-next-line eslint/no-control-regex -- that is what must not be there
    expect(stdout).toMatch(/^[\x00-\x7f]*$/u);
    expect(code).toBe(0);
  });

  test('says at which step it fails, and what to do', async () => {
    const endpoint = await freeEndpoint();
    const { code, stdout } = await doctor([endpoint]);
    expect(code).toBe(1);
    expect(stdout).toContain('FAIL connection');
    expect(stdout).toContain('-> Start the server, or correct the port');
    expect(stdout).toContain(`${endpoint} fails at "connection".`);
  });

  test('takes the credentials of a client, from flags and variables', async () => {
    await using server = await serve([EchoController], {
      security: curveServer([keys.alice.publicKey]),
    });
    const { code, stdout } = await doctor(
      ['--curve-server-key', keys.server.publicKey, ...server.endpoints],
      {
        FREELANCE_CURVE_SECRET_KEY: keys.alice.secretKey,
      },
    );
    expect(stdout).toContain('accepts ours');
    expect(code).toBe(0);
  });

  test('prints a JSON object for each server', async () => {
    await using server = await serve([EchoController]);
    const nobody = await freeEndpoint();
    const run = await doctor(['--json', ...server.endpoints, nobody]);
    expect(run.values()).toMatchObject([
      { endpoint: server.endpoints[0], isFine: true, failedAt: null },
      { endpoint: nobody, isFine: false, failedAt: 'connection' },
    ]);
    expect(run.code).toBe(1);
  });

  test('ends by Ctrl-C, in the middle of a step', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket.on('error', () => {})));
    await once(mute.listen(0, '127.0.0.1'), 'listening');
    const { port } = mute.address() as AddressInfo;
    await using run = new Cli(['doctor', '--timeout', '10m', `tcp://127.0.0.1:${port}`]);
    // The first connection is that of the step before.
    await eventually(() => expect(sockets).toHaveLength(2));
    run.signal('SIGINT');
    expect(await run.ended()).toBe(130);
    expect(run.stdout).toContain('connection');
    expect(run.stdout).not.toContain('FAIL');
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  test.each([
    ['without a server', [], /no server is named/u],
    ['with a timeout of 0', ['--timeout', '0', 'tcp://127.0.0.1:1'], /at least 100 ms/u],
    [
      'with half of a key',
      ['--curve-server-key', 'short', 'tcp://127.0.0.1:1'],
      /key of 40 characters/u,
    ],
    [
      'with flags of two mechanisms',
      ['--tls-ca', 'x', '--plain-username', 'a', 'tcp://127.0.0.1:1'],
      /different mechanisms/u,
    ],
  ])('%s exits with 2', async (_name, args, message) => {
    const { code, stderr } = await doctor(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
