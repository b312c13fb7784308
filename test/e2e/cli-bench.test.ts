import { Controller } from '@nestjs/common';
import { MessagePattern, RpcException } from '@nestjs/microservices';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cli, cli } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { type Served, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

let echoed = 0;

@Controller()
class BenchedController {
  @MessagePattern('echo')
  echo(data: unknown) {
    echoed++;
    return data;
  }

  @MessagePattern('fail')
  fail() {
    throw new RpcException('out of stock');
  }
}

const bench = (...args: readonly string[]) => cli(['bench', ...args]);

const SHORT = ['--duration', '300ms', '--warm-up', '100ms'];

describe('nestjs-freelance bench', () => {
  let servers: Served[];
  let endpoints: string[];

  beforeAll(async () => {
    servers = [
      await serve([BenchedController], { serverId: 'one' }),
      await serve([BenchedController], { serverId: 'two' }),
    ];
    endpoints = servers.flatMap((server) => ['-e', server.endpoints[0] ?? '']);
  });

  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });

  test('measures a handler with a number of callers', async () => {
    const { code, stdout, stderr } = await bench(
      '-p',
      'echo',
      '-d',
      '{"a":1}',
      '-c',
      '4',
      '--json',
      ...SHORT,
      ...endpoints,
    );
    expect(stderr).toContain('real calls');
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as {
      answered: number;
      calls: number;
      servers: { attempts: number; serverId: string }[];
    };
    expect(result).toMatchObject({
      load: { type: 'closed', concurrency: 4 },
      failed: 0,
      notBegun: 0,
    });
    expect(result.answered).toBeGreaterThan(0);
    expect(result.answered).toBe(result.calls);
    expect(result.servers.map(({ serverId }) => serverId)).toEqual(['one', 'two']);
    for (const { attempts } of result.servers) expect(attempts).toBeGreaterThan(0);
  });

  test('measures it at a rate', async () => {
    const { code, stdout } = await bench(
      '-p',
      'echo',
      '--rate',
      '100',
      '--json',
      ...SHORT,
      ...endpoints,
    );
    expect(code).toBe(0);
    const { calls, notBegun } = JSON.parse(stdout) as { calls: number; notBegun: number };
    // 300 ms of 100 calls/s, however slow the machine is.
    expect(calls + notBegun).toBeGreaterThanOrEqual(29);
    expect(calls + notBegun).toBeLessThanOrEqual(31);
  });

  test('at a rate, counts a standstill for every call that it delayed', async () => {
    let calls = 0;
    @Controller()
    class StallingController {
      @MessagePattern('stall')
      stall() {
        // Once, and for half of the measured second.
        if (++calls !== 20) return true;
        const until = performance.now() + 500;
        while (performance.now() < until);
        return true;
      }
    }
    await using server = await serve([StallingController]);
    const wanted = ['--rate', '200', '--duration', '1s', '--warm-up', '0', '--json'];
    const { stdout } = await bench('-p', 'stall', ...wanted, '-e', server.endpoints[0] ?? '');
    const { latency } = JSON.parse(stdout) as { latency: { p90Ms: number; maxMs: number } };
    expect(latency.maxMs).toBeGreaterThan(490);
    // Callers that wait for each other would have seen it once each.
    expect(latency.p90Ms).toBeGreaterThan(200);
  });

  test('counts what handlers answer with as errors, and shows the first', async () => {
    const { code, stdout } = await bench('-p', 'fail', '-c', '2', ...SHORT, ...endpoints);
    expect(code).toBe(1);
    expect(stdout).toMatch(/HANDLER [\d,]+: .*out of stock/u);
    expect(stdout).toContain('No call was answered');
  });

  test('writes CSV', async () => {
    const { stdout } = await bench('-p', 'echo', '--csv', ...SHORT, ...endpoints);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stdout).toMatch(/^pattern,concurrency,rate,.*\necho,16,,/u);
  });

  test('prints what was measured until Ctrl-C, and exits with 130', async () => {
    await using run = new Cli([
      'bench',
      '-p',
      'echo',
      '--duration',
      '1h',
      '--warm-up',
      '0',
      ...endpoints,
    ]);
    const before = echoed;
    await eventually(() => expect(echoed).toBeGreaterThan(before + 100));
    run.signal('SIGINT');
    const code = await run.ended();
    const { stdout } = run;
    expect(code).toBe(130);
    expect(stdout).toContain('Interrupted');
    expect(stdout).toMatch(/answered {3}[\d,]+ /u);
  });

  test('fails at once if no server can be reached', async () => {
    const { code, stdout, stderr } = await bench(
      '-p',
      'echo',
      '--connect-timeout',
      '1h',
      '-e',
      await freeEndpoint(),
    );
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('ECONNREFUSED');
  });

  test.each([
    ['no pattern', ['-e', 'tcp://127.0.0.1:1'], /--pattern/u],
    ['a rate of 0', ['-p', 'echo', '--rate', '0'], /above 0/u],
    ['a negative duration', ['-p', 'echo', '--duration=-1'], /at least 100 ms/u],
    ['half a caller', ['-p', 'echo', '-c', '0.5'], /whole number/u],
    ['both a rate and callers', ['-p', 'echo', '-c', '1', '--rate', '1'], /cannot be used with/u],
    ['data that is not JSON', ['-p', 'echo', '-d', '{', '-e', 'tcp://127.0.0.1:1'], /not JSON/u],
    ['no server', ['-p', 'echo'], /no server is named/u],
  ])('refuses %s', async (_name, args, message) => {
    const { code, stdout, stderr } = await bench(...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });
});
