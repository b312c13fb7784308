import { mkdtemp, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { generateCurveKeyPair } from 'nestjs-freelance';
import { concat, NEVER, of } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { DIALECTS, describeWithPython, startServer } from '../interop/python.js';
import { Child } from '../support/child.js';
import { Cli, cli, PROGRAM } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { curveServer, keys } from '../support/security.js';
import { pki, tlsServer } from '../support/tls.js';

@Controller()
class NotReadyController {
  @MessagePattern('PING')
  isReady() {
    return false;
  }
}

@Controller()
class BusyController {
  @MessagePattern('busy')
  busy() {
    return concat(of('begun'), NEVER);
  }
}

async function fileOf(content: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'freelance-ping-')), 'file');
  await writeFile(path, content);
  return path;
}

const addressOf = ({ endpoints: [endpoint = ''] }: { endpoints: readonly string[] }) => endpoint;

describe('nestjs-freelance ping', () => {
  test('measures several servers at once, names them, and sums up', async () => {
    await using one = await serve([], { serverId: 'one' });
    await using two = await serve([], { serverId: 'two' });
    const [first, second] = [addressOf(one), addressOf(two)];
    const run = await cli(['ping', '-c', '3', '-i', '20ms', first, second]);
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
    for (const [endpoint, id] of [
      [first, 'one'],
      [second, 'two'],
    ]) {
      expect(run.stdout).toMatch(
        new RegExp(
          `^${endpoint} ${id}: seq=1 time=\\d+\\.\\d{3} ms ready load=0% \\(connected in `,
          'm',
        ),
      );
      expect(run.stdout).toMatch(
        new RegExp(`^${endpoint} ${id}: seq=3 time=\\S+ ms ready load=0%$`, 'm'),
      );
      expect(run.stdout).toMatch(
        new RegExp(
          `^--- ${endpoint} \\(${id}, negotiated dialect\\) ---\n3 pings, 3 answered, 0% lost\n` +
            'round trip min/avg/max/stddev = [\\d.]+/[\\d.]+/[\\d.]+/[\\d.]+ ms$',
          'm',
        ),
      );
    }
  });

  test('takes the servers from FREELANCE_ENDPOINTS, and tells programs as JSON', async () => {
    await using one = await serve([], { serverId: 'one' });
    const env = { FREELANCE_ENDPOINTS: addressOf(one) };
    const run = await cli(['ping', '--json'], { env });
    const about = { endpoint: addressOf(one), serverId: 'one', state: 'ready', load: 0 };
    expect(run.values()).toMatchObject([
      { type: 'ping', sequence: 1, ms: expect.any(Number), dialect: 'negotiated', ...about },
      {
        type: 'summary',
        pings: 1,
        answered: 1,
        roundTrip: { minMs: expect.any(Number) },
        ...about,
      },
    ]);
    expect(run.code).toBe(0);
  });

  test('fails if one of the servers does not answer, and says why', async () => {
    await using one = await serve([]);
    const nobody = await freeEndpoint();
    const run = await cli(['ping', addressOf(one), nobody]);
    expect(run.stdout).toContain(`${nobody}: seq=1 failed: the connection was refused`);
    expect(run.stdout).toContain(`--- ${nobody} (no answer) ---\n1 ping, 0 answered, 100% lost`);
    expect(run.stderr).toBe(`${nobody} has not answered.\n`);
    expect(run.code).toBe(1);
  });

  test('fails if a server is not ready, unless an answer is enough', async () => {
    await using one = await serve([NotReadyController]);
    const address = addressOf(one);
    const run = await cli(['ping', address]);
    expect(run.stdout).toContain(' unready ');
    expect(run.stderr).toContain(`${address} is unready: it takes no calls.`);
    expect(run.code).toBe(1);
    expect(await cli(['ping', '--allow-unready', address])).toMatchObject({ code: 0, stderr: '' });
  });

  test('a server that drains is alive, and not ready', async () => {
    const one = await serve([BusyController], { drainTimeout: 120_000 });
    using client = connectTo(one.endpoints);
    let reached = false;
    client.send('busy', {}).subscribe({ next: () => (reached = true), error: () => {} });
    await eventually(() => expect(reached).toBe(true));
    const left = one[Symbol.asyncDispose]();
    const address = addressOf(one);
    const run = await cli(['ping', address]);
    expect(run.stderr).toContain(`${address} is draining: it takes no calls.`);
    expect(run.code).toBe(1);
    expect(await cli(['ping', '--allow-unready', address])).toMatchObject({ code: 0 });
    client.close();
    await left;
  });

  test('says of an HTTP server that it is none of ours', async () => {
    const http = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const run = await cli(['ping', `tcp://127.0.0.1:${port}`]);
    http.closeAllConnections();
    http.close();
    expect(run.stdout).toContain('does not speak the protocol of ZeroMQ');
    expect(run.code).toBe(1);
  });

  test('a server that is killed fails its PINGs; Ctrl-C sums up, and ends with 130', async () => {
    await using server = Child.node('math-server', 'tcp://127.0.0.1:*', 'victim');
    const { endpoints } = (await server.nextLine()) as { endpoints: string[] };
    await using run = new Cli(['ping', '-c', '0', '-i', '20ms', ...endpoints]);
    await eventually(() => expect(run.stdout).toContain('victim: seq=2 '));
    await server.kill();
    await eventually(() => expect(run.stdout).toContain('failed: '));
    run.signal('SIGINT');
    expect(await run.ended()).toBe(130);
    expect(run.stdout).toMatch(
      /--- \S+ \(victim, negotiated dialect\) ---\n\d+ pings, \d+ answered/,
    );
  });

  test('ends quietly when nobody reads on', async () => {
    await using one = await serve([]);
    const line = `"${process.execPath}" "${PROGRAM}" ping -c 0 -i 10ms ${addressOf(one)} | head -n 1`;
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toBe('');
  });

  test('CURVE: keys come from files and variables; a wrong key is refused, and told apart', async () => {
    const { alice, server } = keys;
    await using one = await serve([], { security: curveServer([alice.publicKey]) });
    const flags = ['ping', '--curve-server-key', server.publicKey, addressOf(one)];
    const env = { FREELANCE_CURVE_SECRET_KEY: `@${await fileOf(JSON.stringify(alice))}` };
    expect(await cli(flags, { env })).toMatchObject({ code: 0, stderr: '' });

    const mallory = generateCurveKeyPair();
    const refused = await cli(flags, { env: { FREELANCE_CURVE_SECRET_KEY: mallory.secretKey } });
    expect(refused.stdout).toContain(`does not authorize this client, whose public key is`);
    expect(refused.stdout + refused.stderr).not.toContain(mallory.secretKey);
    expect(refused.code).toBe(1);
    expect(await cli(['ping', addressOf(one)])).toMatchObject({ code: 1 });
  });

  test('PLAIN and TLS', async () => {
    await using plain = await serve([], {
      security: { mechanism: 'plain', authorizedUsers: { ann: 's3cret' } },
    });
    const user = ['ping', '--plain-username', 'ann', addressOf(plain)];
    const right = await cli(user, { env: { FREELANCE_PLAIN_PASSWORD: 's3cret' } });
    expect(right).toMatchObject({ code: 0, stderr: '' });
    expect(await cli(user, { env: { FREELANCE_PLAIN_PASSWORD: 'guess' } })).toMatchObject({
      code: 1,
    });

    await using tls = await serve([], tlsServer([pki.alice.fingerprint256]));
    const pems = [pki.ca.cert, pki.alice.cert, pki.alice.key].map(fileOf);
    const [ca = '', cert = '', key = ''] = await Promise.all(pems);
    const own = ['--tls-ca', ca, '--tls-cert', cert, '--tls-key', key];
    expect(await cli(['ping', ...own, addressOf(tls)])).toMatchObject({ code: 0 });
    const untrusting = await cli(['ping', addressOf(tls)]);
    expect(untrusting.stdout).toContain('is not of an authority that is trusted here');
    expect(untrusting.stdout).toContain('give that authority as --tls-ca');
    expect(untrusting.code).toBe(1);
  });
});

describeWithPython('nestjs-freelance ping, of servers without the library', () => {
  test.each(DIALECTS)('%s', async (dialect) => {
    await using server = await startServer(dialect, 'python');
    const run = await cli(['ping', '-c', '2', '-i', '20ms', '--json', server.endpoint]);
    const serverId = dialect === 'basic' ? 'python' : undefined;
    expect(run.values().at(-1)).toEqual({
      type: 'summary',
      endpoint: server.endpoint,
      pings: 2,
      answered: 2,
      roundTrip: expect.any(Object),
      dialect,
      state: 'ready',
      ...(serverId !== undefined && { serverId }),
    });
    expect(run.code).toBe(0);
  });
});
