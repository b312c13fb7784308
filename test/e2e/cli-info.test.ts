import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { AtMostOnce } from 'nestjs-freelance';
import { describe, expect, test } from 'vitest';
import { describeWithPython, startServer } from '../interop/python.js';
import { cli } from '../support/cli.js';
import { serve, type Served } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

@Controller()
class ShopController {
  @MessagePattern('charge', { description: 'Charges a card' })
  @AtMostOnce()
  charge(@Payload() order: unknown) {
    return order;
  }

  @MessagePattern({ cmd: 'sum' })
  sum() {
    return 0;
  }

  @EventPattern('sold')
  sold(@Payload() order: unknown) {
    return order;
  }
}

const addressOf = ({ endpoints: [endpoint = ''] }: Served) => endpoint;

describe('nestjs-freelance info', () => {
  test('tells where a server belongs, and takes names for all that is behind them', async () => {
    await using one = await serve([], { serverId: 'one', zone: 'eu-1a', service: 'orders' });
    const run = await cli(['info', '--dns', addressOf(one)]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/service orders, zone eu-1a/);
    const none = await cli(['info', '--dns', 'tcp://no-such-host.invalid:1']);
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('--dns: no server is found behind tcp://no-such-host.invalid:1');
  });

  test('lists what each server offers', async () => {
    await using one = await serve([ShopController], { serverId: 'one' });
    await using two = await serve([], { serverId: 'two' });
    const run = await cli(['info', addressOf(one), addressOf(two)]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain(`${addressOf(one)}  one  ready\n`);
    expect(run.stdout).toMatch(/^charge +call +yes +Charges a card$/m);
    expect(run.stdout).toMatch(/^\{"cmd":"sum"\} +call$/m);
    expect(run.stdout).toMatch(/^sold +event$/m);
    expect(run.stdout).toContain(`${addressOf(two)}  two  ready\n`);
    expect(run.stdout).toContain('It has no handlers.');
  });

  test('tells programs as JSON, of the servers that fail, too', async () => {
    await using one = await serve([ShopController], { serverId: 'one' });
    await using two = await serve([], { introspection: false });
    const run = await cli(['info', '--json', addressOf(one), addressOf(two)]);
    expect(run.code).toBe(1);
    expect(run.values()).toEqual([
      [
        { endpoint: addressOf(one), info: expect.objectContaining({ id: 'one' }) },
        expect.objectContaining({
          endpoint: addressOf(two),
          reason: expect.stringContaining('introspection: true'),
        }),
      ],
    ]);
  });

  test('says at once why a server cannot be reached, and what to do', async () => {
    const nobody = await freeEndpoint();
    // If it waited for a server, the test would time out.
    const run = await cli(['info', '-t', '10m', nobody]);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toBe(
      `${nobody}: ECONNREFUSED: dead (the connection was refused). Is the server running? ` +
        `\`nestjs-freelance doctor ${nobody}\` looks step by step.\n`,
    );
  });

  test('asks a server that is not ready, which gets no calls', async () => {
    await using server = await serve([ShopController], { serverId: 'one' });
    server.strategy.setReady(false);
    const run = await cli(['info', addressOf(server)]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain(`${addressOf(server)}  one  unready\n`);
    const call = await cli(['call', 'charge', '1', '--broadcast', '-e', addressOf(server)]);
    expect(call).toMatchObject({ code: 1, stdout: '' });
    expect(call.stderr).toContain('failed: suspect (unready)');
  });

  test('says how to turn it on where it is off', async () => {
    await using one = await serve([ShopController], { introspection: false });
    const run = await cli(['info', addressOf(one)]);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(`${addressOf(one)}: it does not tell what it offers.`);
    expect(run.stderr).toContain('introspection: true');
  });
});

describeWithPython('nestjs-freelance info, of a server without the library', () => {
  test('says that it does not tell', async () => {
    await using server = await startServer('tracked', 'python');
    const run = await cli(['info', server.endpoint]);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(`${server.endpoint}: it answered with an error: `);
  });
});
