import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { Dealer } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

test('listens on several addresses and reports the ports that it got', async () => {
  await using server = await serve([EchoController], {
    bind: ['tcp://127.0.0.1:*', 'tcp://127.0.0.1:*'],
  });
  expect(server.endpoints).toEqual([
    expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/),
  ]);
  expect(new Set(server.endpoints).size).toBe(2);
  for (const endpoint of server.endpoints) {
    using client = connectTo([endpoint]);
    expect(await firstValueFrom(client.send('echo', endpoint))).toBe(endpoint);
  }
});

test('an address in use rejects app.listen and appears in the message', async () => {
  await using server = await serve([EchoController]);
  const [taken = ''] = server.endpoints;
  const strategy = new FreelanceTransportServer({ bind: ['tcp://127.0.0.1:*', taken] });
  const app = await NestFactory.createMicroservice(EchoModule, { strategy, logger: false });
  await expect(app.listen()).rejects.toThrow(taken);
  expect(strategy.endpoints).toEqual([]);
  await app.close();
});

test('close may be called at any time, repeatedly, and the server can listen again', async () => {
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const statuses: string[] = [];
  strategy.status.subscribe((status) => statuses.push(status));
  await strategy.close();
  for (let round = 0; round < 2; round++) {
    await new Promise<void>((resolve, reject) => {
      strategy.listen((error) => (error ? reject(error) : resolve()));
    });
    expect(strategy.endpoints).toHaveLength(1);
    await Promise.all([strategy.close(), strategy.close()]);
    expect(strategy.endpoints).toEqual([]);
  }
  expect(statuses).toEqual(['connected', 'disconnected', 'connected', 'disconnected']);
});

test('the address is free once the server has closed', async () => {
  const endpoint = await freeEndpoint();
  await using server = await serve([EchoController], { bind: endpoint });
  using client = connectTo([endpoint]);
  for (let round = 0; round < 50; round++) {
    expect(await firstValueFrom(client.send('echo', round))).toBe(round);
    await server.strategy.close();
    await new Promise<void>((resolve, reject) =>
      server.strategy.listen((error) => (error === undefined ? resolve() : reject(error))),
    );
  }
});

test.each([
  ['returns false', () => false],
  [
    'throws',
    () => {
      throw new Error('warming up');
    },
  ],
  ['rejects', () => Promise.reject(new Error('warming up'))],
])('a readiness handler that %s keeps calls away until it returns true', async (_what, not) => {
  let isReady = false;

  @Controller()
  class SlowToStartController extends EchoController {
    @MessagePattern('PING')
    ready() {
      return isReady ? 'anything but false' : not();
    }

    @MessagePattern('echo')
    override echo(@Payload() value: unknown) {
      return value;
    }
  }

  await using server = await serve([SlowToStartController]);
  using client = connectTo(server.endpoints, { heartbeatInterval: 100, connectTimeout: 10_000 });
  const call = firstValueFrom(client.send('echo', 'patience'));
  await eventually(() =>
    expect(Object.values(client.stats().endpoints)).toMatchObject([{ state: 'suspect' }]),
  );
  expect(server.strategy.stats().accepted).toBe(0);
  isReady = true;
  expect(await call).toBe('patience');
});

test.each([
  ['calls', (id: string, pattern: string) => ['', 'REQUEST', id, '', JSON.stringify({ pattern })]],
  ['events', (id: string, pattern: string) => ['', 'EVENT', id, '', JSON.stringify({ pattern })]],
  [
    'calls of the older dialects',
    (id: string, pattern: string) => ['', 'REQUEST', id, JSON.stringify({ pattern })],
  ],
])('%s of clients do not run the readiness check', async (_, message) => {
  let checks = 0;

  @Controller()
  class ReadyController {
    @MessagePattern('PING')
    ready() {
      checks++;
      return true;
    }
  }

  await using server = await serve([ReadyController]);
  const dealer = new Dealer({ linger: 0 });
  dealer.connect(server.endpoints[0] ?? '');
  let id = 0;
  for (const pattern of ['PING', '"PING"', String.raw`"\u0050ING"`]) {
    await dealer.send(message(`${id++}`, pattern));
    // Its ACK, or that it has no handler.
    await dealer.receive();
  }
  expect(checks).toBe(0);
  await dealer.send(['', 'PING', 'x', 't']);
  await dealer.receive();
  expect(checks).toBe(1);
  dealer.close();
});
