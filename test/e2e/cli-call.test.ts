import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { FreelanceContext } from 'nestjs-freelance';
import { concat, interval, map, NEVER, of, throwError } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeWithPython, DIALECTS, startServer } from '../interop/python.js';
import { Child } from '../support/child.js';
import { Cli, cli, PROGRAM } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { serve, type Served } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { curveServer, keys } from '../support/security.js';
import { pki, tlsServer } from '../support/tls.js';

/** What has happened to calls and events. */
const seen: unknown[] = [];

/** The length of a value that no pipe takes at once. */
const LARGE = 2 ** 20;

/** How many values the handler of `flood` has made. */
let flooded = 0;

@Controller()
class ShopController {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((total, number) => total + number, 0);
  }

  @MessagePattern({ cmd: 'same', version: 2 })
  same(@Payload() data: unknown) {
    return { data };
  }

  @MessagePattern('kind')
  kind(@Payload() data: unknown) {
    return Buffer.isBuffer(data) ? `${data.length} bytes` : typeof data;
  }

  @MessagePattern('bytes')
  bytes() {
    return Buffer.from([0, 255, 10]);
  }

  @MessagePattern('nothing')
  nothing() {}

  @MessagePattern('metadata')
  metadata(@Ctx() ctx: FreelanceContext) {
    return ctx.getMetadata();
  }

  @MessagePattern('count')
  count(@Payload() to: number) {
    return of(...Array.from({ length: to }, (_, index) => ({ index })));
  }

  @MessagePattern('ticks')
  ticks(@Ctx() ctx: FreelanceContext) {
    ctx.signal.addEventListener('abort', () => seen.push('aborted'));
    return interval(10).pipe(map((tick) => ({ tick })));
  }

  @MessagePattern('large')
  large() {
    return 'x'.repeat(LARGE);
  }

  @MessagePattern('flood')
  async *flood() {
    for (;;) {
      flooded++;
      yield await Promise.resolve('x'.repeat(LARGE));
    }
  }

  @MessagePattern('hang')
  hang(@Ctx() ctx: FreelanceContext) {
    ctx.signal.addEventListener('abort', () => seen.push('aborted'));
    return NEVER;
  }

  @MessagePattern('refuse')
  refuse(@Payload() error: string | object) {
    throw new RpcException(error);
  }

  @MessagePattern('half')
  half() {
    return concat(
      of(1),
      throwError(() => new RpcException('broken')),
    );
  }

  @EventPattern('happened')
  happened(@Payload() data: unknown) {
    seen.push(data);
  }
}

const addressOf = ({ endpoints: [endpoint = ''] }: Served) => endpoint;

beforeEach(() => {
  seen.length = 0;
});

describe('nestjs-freelance call', () => {
  test('prints the value alone', async () => {
    await using server = await serve([ShopController]);
    const at = ['-e', addressOf(server)];
    expect(await cli(['call', 'sum', '[1, 2]', ...at])).toMatchObject({
      code: 0,
      stdout: '3\n',
      stderr: '',
    });
    const env = { FREELANCE_ENDPOINTS: addressOf(server) };
    const pattern = '{"version":2,"cmd":"same"}';
    expect((await cli(['call', pattern], { env })).stdout).toBe('{"data":{}}\n');
    const piped = await cli(['call', pattern, '-'], { env, input: '{"a": "ä"}\n' });
    expect(piped.stdout).toBe('{"data":{"a":"ä"}}\n');
    expect(await cli(['call', 'nothing'], { env })).toMatchObject({ code: 0, stdout: '' });
  });

  test('sends text and bytes, and prints them', async () => {
    await using server = await serve([ShopController]);
    const env = { FREELANCE_ENDPOINTS: addressOf(server) };
    expect((await cli(['call', 'kind', '--text', '1'], { env })).stdout).toBe('"string"\n');
    expect((await cli(['call', 'kind', '--text', '--raw', '1'], { env })).stdout).toBe('string\n');
    const bytes = await cli(['call', 'kind', '--bytes', '-'], { env, input: '123\n' });
    expect(bytes.stdout).toBe('"4 bytes"\n');
    expect((await cli(['call', 'bytes'], { env })).stdout).toBe('"AP8K"\n');
    const line = `"${process.execPath}" "${PROGRAM}" call bytes --raw -e ${addressOf(server)}`;
    const { stdout } = await promisify(execFile)('sh', ['-c', line], { encoding: 'buffer' });
    expect(stdout).toEqual(Buffer.from([0, 255, 10]));
  });

  test('passes metadata on', async () => {
    await using server = await serve([ShopController]);
    const metadata = ['-m', 'tenant=acme', '--metadata', 'note=a=b'];
    const run = await cli(['call', 'metadata', ...metadata, '-e', addressOf(server)]);
    expect(run.values()).toEqual([{ tenant: 'acme', note: 'a=b' }]);
  });

  test('prints each value of a stream on a line; without --stream the first one', async () => {
    await using server = await serve([ShopController]);
    const at = ['-e', addressOf(server)];
    const all = await cli(['call', 'count', '3', '--stream', ...at]);
    expect(all.values()).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }]);
    const first = await cli(['call', 'ticks', ...at]);
    expect(first).toMatchObject({ code: 0, stdout: '{"tick":0}\n' });
    expect(first.stderr).toContain('--stream prints all');
  });

  test('Ctrl-C cancels the call: the signal of its handler aborts', async () => {
    await using server = await serve([ShopController]);
    await using run = new Cli(['call', 'ticks', '--stream', '-e', addressOf(server)]);
    await eventually(() => expect(run.stdout).toContain('{"tick":2}\n'));
    run.signal('SIGINT');
    expect(await run.ended()).toBe(130);
    expect(run.stderr).toBe('');
    await eventually(() => expect(seen).toEqual(['aborted']));
  });

  test('ends quietly when nobody reads on, and cancels the call', async () => {
    await using server = await serve([ShopController]);
    const program = `"${process.execPath}" "${PROGRAM}"`;
    const line = `${program} call ticks --stream -e ${addressOf(server)} | head -n 2`;
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line]);
    expect(stdout).toBe('{"tick":0}\n{"tick":1}\n');
    expect(stderr).toBe('');
    await eventually(() => expect(seen).toEqual(['aborted']));
  });

  test.runIf(existsSync('/dev/full'))(
    'says in a line that its output cannot be written, and cancels the call',
    async () => {
      await using server = await serve([ShopController]);
      const program = `"${process.execPath}" "${PROGRAM}"`;
      const line = `${program} call ticks --stream -e ${addressOf(server)} > /dev/full; echo $?`;
      const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line]);
      expect(stdout).toBe('1\n');
      expect(stderr).toMatch(/^error: the output cannot be written: ENOSPC.*\n$/);
      await eventually(() => expect(seen).toEqual(['aborted']));
    },
  );

  test('prints all of a value, however late its reader is', async () => {
    await using server = await serve([ShopController]);
    const program = `"${process.execPath}" "${PROGRAM}"`;
    // Later than what a command may linger when it is done.
    const line = `${program} call large --raw -e ${addressOf(server)} | (sleep 4; wc -c)`;
    const { stdout } = await promisify(execFile)('sh', ['-c', line]);
    expect(Number(stdout)).toBe(LARGE + 1);
  });

  test.each([[[]], [['--broadcast']]])(
    'takes no more values than its reader does: %j',
    async (flags) => {
      flooded = 0;
      await using server = await serve([ShopController]);
      const args = ['call', 'flood', ...flags, '--stream', '-e', addressOf(server)];
      const child = spawn(process.execPath, [PROGRAM, ...args], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const closed = once(child, 'close');
      try {
        await once(child.stdout, 'readable');
        await setTimeout(2000);
        expect(flooded).toBeGreaterThan(1);
        // Hundreds, if it took them all.
        expect(flooded).toBeLessThan(64);
      } finally {
        child.kill('SIGKILL');
        child.stdout.resume();
        await closed;
      }
    },
  );

  test("prints a handler's error as it is, to standard error", async () => {
    await using server = await serve([ShopController]);
    const at = ['-e', addressOf(server)];
    const refused = await cli(['call', 'refuse', '{"code":"SOLD_OUT","left":0}', ...at]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(refused.stderr)).toEqual({ code: 'SOLD_OUT', left: 0 });
    const half = await cli(['call', 'half', '--stream', '--json', ...at]);
    expect(half).toMatchObject({ code: 1, stdout: '1\n' });
    expect(JSON.parse(half.stderr)).toEqual({ status: 'error', message: 'broken' });
    const unknown = await cli(['call', 'nobody', ...at]);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('There is no matching message handler');
  });

  test('where connections are refused, fails at once, and says what to do', async () => {
    const nobody = await freeEndpoint();
    const nowhere = 'tcp://nowhere.invalid:5555';
    // If it waited for a server, the test would time out.
    const flags = ['--connect-timeout', '1h', '-e', nobody, '-e', nowhere];
    const run = await cli(['call', 'sum', '[]', ...flags]);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain('error: ECONNREFUSED: No server can be reached: ');
    expect(run.stderr).toContain(`${nobody}: the connection was refused`);
    expect(run.stderr).toContain(`${nowhere}: the name nowhere.invalid does not resolve`);
    expect(run.stderr).toContain('`nestjs-freelance doctor tcp://');
    const json = await cli(['call', 'sum', '[]', '--json', ...flags]);
    expect(JSON.parse(json.stderr)).toMatchObject({ code: 'ECONNREFUSED', mayHaveRun: 0 });
    const event = await cli(['emit', 'sold', ...flags]);
    expect(event).toMatchObject({ code: 1, stdout: '' });
    expect(event.stderr).toContain(`${nobody}: the connection was refused`);
  });

  test('where one of several connections is refused, the others are called', async () => {
    await using server = await serve([ShopController]);
    const nobody = await freeEndpoint();
    const run = await cli(['call', 'sum', '[1]', '-e', `${nobody},${addressOf(server)}`]);
    expect(run).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });
  });

  test('gives up at its deadline', async () => {
    await using server = await serve([ShopController]);
    const run = await cli(['call', 'hang', '--timeout', '200', '-e', addressOf(server)]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('ETIMEDOUT');
  });

  test('a server that is killed in the middle of a call: another one answers', async () => {
    await using one = Child.node('math-server', 'tcp://127.0.0.1:*', 'one');
    await using two = Child.node('math-server', 'tcp://127.0.0.1:*', 'two');
    const [first, second] = (await Promise.all([one.nextLine(), two.nextLine()])) as {
      endpoints: string[];
    }[];
    const endpoints = `${String(first?.endpoints)},${String(second?.endpoints)}`;
    // The same key goes to the same server.
    const flags = ['--key', 'k', '-e', endpoints];
    const { stdout: victim } = await cli(['call', 'kill', '""', '--raw', ...flags]);
    const run = await cli(['call', 'kill', '--text', victim.trim(), '--raw', ...flags]);
    expect(run).toMatchObject({ code: 0, stdout: victim === 'one\n' ? 'two\n' : 'one\n' });
  });

  test('a server that is killed in the middle of a stream ends it with an error', async () => {
    await using server = Child.node('math-server');
    const { endpoints } = (await server.nextLine()) as { endpoints: string[] };
    await using run = new Cli(['call', 'ticks', '--stream', '-e', String(endpoints)]);
    await eventually(() => expect(run.stdout).toContain('3\n'));
    await server.kill();
    expect(await run.ended()).toBe(1);
    expect(run.stderr).toContain('error: STREAM_BROKEN: ');
    expect(run.values.slice(0, 4)).toEqual([0, 1, 2, 3]);
  });

  test('a broadcast shows what each server answers, and which fail', async () => {
    await using one = await serve([ShopController]);
    await using two = await serve([ShopController]);
    const nobody = await freeEndpoint();
    const flags = ['--broadcast', '-e', addressOf(one)];
    const both = await cli(['call', 'sum', '[1]', ...flags, '-e', addressOf(two)]);
    expect(both).toMatchObject({ code: 0, stderr: '' });
    expect(both.stdout.trimEnd().split('\n').toSorted()).toEqual(
      [addressOf(one), addressOf(two)]
        .toSorted()
        .map((endpoint) => expect.stringMatching(`^${endpoint} *  1$`)),
    );
    const all = await cli(['call', 'sum', '[1]', ...flags, '-e', nobody]);
    expect(all.code).toBe(1);
    expect(all.stdout).toContain(addressOf(one));
    expect(all.stderr).toMatch(new RegExp(`^${nobody} +failed: .*refused`));
    const json = await cli(['call', 'sum', '[1]', '--json', ...flags, '-e', nobody]);
    expect(json.values()).toEqual(
      expect.arrayContaining([
        { endpoint: addressOf(one), value: 1 },
        { endpoint: nobody, failed: expect.objectContaining({ code: 'ECONNREFUSED' }) },
      ]),
    );
  });

  test('an HTTP server is none of ours', async () => {
    const http = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const flags = ['--connect-timeout', '1h', '-e', `tcp://127.0.0.1:${port}`];
    const run = await cli(['call', 'sum', '[]', ...flags]);
    http.closeAllConnections();
    http.close();
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain('does not speak the protocol of ZeroMQ');
  });

  test('speaks with the engine libzmq, and ends', async () => {
    await using server = await serve([ShopController]);
    const flags = ['--engine', 'libzmq', '-e', addressOf(server)];
    const run = await cli(['call', 'sum', '[1]', ...flags]);
    expect(run).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });
  });

  test('PLAIN and TLS', async () => {
    await using plain = await serve([ShopController], {
      security: { mechanism: 'plain', authorizedUsers: { ann: 's3cret' } },
    });
    const env = { FREELANCE_PLAIN_USERNAME: 'ann', FREELANCE_PLAIN_PASSWORD: 's3cret' };
    const byName = await cli(['call', 'sum', '[1]', '-e', addressOf(plain)], { env });
    expect(byName).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });

    await using tls = await serve([ShopController], tlsServer([pki.alice.fingerprint256]));
    const { cert, key } = pki.alice;
    const own = {
      FREELANCE_TLS_CA: pki.ca.cert,
      FREELANCE_TLS_CERT: cert,
      FREELANCE_TLS_KEY: key,
    };
    const byCertificate = await cli(['call', 'sum', '[1]', '-e', addressOf(tls)], { env: own });
    expect(byCertificate).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });
    const { FREELANCE_TLS_CA } = own;
    const anonymous = await cli(['call', 'sum', '[1]', '-e', addressOf(tls)], {
      env: { FREELANCE_TLS_CA },
    });
    expect(anonymous.code).toBe(1);
    expect(anonymous.stderr).toContain('--tls-cert');
  });

  test('takes credentials; a wrong key is refused at once', async () => {
    const { alice, server: own } = keys;
    await using server = await serve([ShopController], {
      security: curveServer([alice.publicKey]),
    });
    const flags = [
      'call',
      'sum',
      '[1]',
      '-e',
      addressOf(server),
      '--curve-server-key',
      own.publicKey,
    ];
    const env = { FREELANCE_CURVE_SECRET_KEY: alice.secretKey };
    expect(await cli(flags, { env })).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });
    // A key of its own making, as none is given.
    const refused = await cli(flags);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('error: UNAUTHORIZED: ');
  });

  test('wrong data says where it is wrong, and ends with 2', async () => {
    const run = await cli(['call', 'sum', '{a:1}', '-e', 'tcp://127.0.0.1:1']);
    expect(run.stderr).toContain('column 2: expected a name in double quotes, or }');
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });

  test('the log of the library stays out of it, unless it is asked for', async () => {
    const nobody = await freeEndpoint();
    const flags = ['call', 'sum', '[]', '--connect-timeout', '2s', '-e', nobody];
    expect((await cli(flags)).stderr.trimEnd().split('\n')).toHaveLength(1);
    const verbose = await cli([...flags, '--verbose']);
    expect(verbose.stderr).toContain(`warn  ${nobody}`);
    expect(verbose.stdout).toBe('');
  });
});

describe('nestjs-freelance emit', () => {
  test('sends an event, and prints nothing but that it was accepted', async () => {
    await using server = await serve([ShopController]);
    const at = ['-e', addressOf(server)];
    const run = await cli(['emit', 'happened', '{"id":7}', ...at]);
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(run.stderr).toContain('accepted');
    expect(run.stderr).toContain('If it has none for this pattern');
    await eventually(() => expect(seen).toEqual([{ id: 7 }]));
    expect((await cli(['emit', 'happened', '--json', ...at])).values()).toEqual([
      { accepted: true },
    ]);
  });

  test('a broadcast names who has accepted it, and who has not', async () => {
    await using one = await serve([ShopController]);
    const nobody = await freeEndpoint();
    const flags = ['--broadcast', '-e', `${addressOf(one)},${nobody}`];
    const run = await cli(['emit', 'happened', '"x"', ...flags]);
    expect(run).toMatchObject({ code: 1, stdout: `${addressOf(one)}\n` });
    expect(run.stderr).toContain(`${nobody} has not accepted it: `);
    await eventually(() => expect(seen).toEqual(['x']));
  });
});

describeWithPython('nestjs-freelance call, of servers without the library', () => {
  test.each(DIALECTS)('%s', async (dialect) => {
    await using server = await startServer(dialect, 'python');
    const run = await cli(['call', 'sum', '[1, 2, 3]', '-e', server.endpoint]);
    expect(run).toMatchObject({ code: 0, stdout: '6\n', stderr: '' });
    const failed = await cli(['call', 'fail', '"on purpose"', '-e', server.endpoint]);
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(failed.stderr)).toEqual({ status: 'error', message: 'on purpose' });
  });
});
