import type { AddressInfo, Server as TcpListener } from 'node:net';
import {
  Controller,
  Get,
  type INestApplication,
  Injectable,
  Module,
  type NestHybridApplicationOptions,
  type OnApplicationShutdown,
  type OnModuleInit,
  ParseIntPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientTCP, MessagePattern, Payload, RpcException, Transport } from '@nestjs/microservices';
import { FREELANCE_TRANSPORT, FreelanceTransportServer } from 'nestjs-freelance';
import { throwError } from 'rxjs';
import { expect, test } from 'vitest';
import { connectTo } from '../support/nest.js';
import { closing, outcomeOf } from '../support/parity.js';

@Injectable()
class Counter implements OnModuleInit, OnApplicationShutdown {
  calls = 0;
  readonly hooks: string[] = [];

  onModuleInit() {
    this.hooks.push('init');
  }

  onApplicationShutdown() {
    this.hooks.push('shutdown');
  }
}

/** One controller for HTTP and for every microservice of the application. */
@Controller()
class CountingController {
  constructor(private readonly counter: Counter) {}

  @Get('count')
  @MessagePattern('count')
  count() {
    return ++this.counter.calls;
  }

  @MessagePattern('number')
  number(@Payload(ParseIntPipe) n: number) {
    return n;
  }

  @MessagePattern('throws')
  throws() {
    throw new RpcException('as it was thrown');
  }

  @MessagePattern('who', FREELANCE_TRANSPORT)
  whoFreelance() {
    return 'freelance';
  }

  @MessagePattern('who', Transport.TCP)
  whoTcp() {
    return 'tcp';
  }
}

@Module({ controllers: [CountingController], providers: [Counter] })
class HybridModule {}

/** An HTTP application, with a freelance and a TCP microservice connected. */
async function startHybrid(
  options: NestHybridApplicationOptions = {},
  configure: (app: INestApplication) => void = () => {},
) {
  const app = await NestFactory.create(HybridModule, { logger: false });
  configure(app);
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const freelanceService = app.connectMicroservice({ strategy }, options);
  const tcpService = app.connectMicroservice(
    { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } },
    options,
  );
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  const { port } = tcpService.unwrap<TcpListener>().address() as AddressInfo;
  return {
    app,
    strategy,
    freelanceService,
    freelance: connectTo(strategy.endpoints),
    tcp: closing(new ClientTCP({ host: '127.0.0.1', port })),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

test('HTTP, TCP and freelance share one application and its providers', async () => {
  await using hybrid = await startHybrid();
  using freelance = hybrid.freelance;
  using tcp = hybrid.tcp;
  const response = await fetch(`${await hybrid.app.getUrl()}/count`);
  expect(await response.json()).toBe(1);
  expect(await outcomeOf(tcp, 'count', {})).toEqual({ values: [2] });
  expect(await outcomeOf(freelance, 'count', {})).toEqual({ values: [3] });
  expect(hybrid.app.get(Counter)).toMatchObject({ calls: 3, hooks: ['init'] });
});

test('a handler for one transport is served only there', async () => {
  await using hybrid = await startHybrid();
  using freelance = hybrid.freelance;
  using tcp = hybrid.tcp;
  expect(await outcomeOf(tcp, 'who', {})).toEqual({ values: ['tcp'] });
  expect(await outcomeOf(freelance, 'who', {})).toEqual({ values: ['freelance'] });
});

test.each<[what: string, options: NestHybridApplicationOptions, isInherited: boolean]>([
  ['reach', { inheritAppConfig: true }, true],
  ['reach', { inheritAppConfig: true, deferInitialization: true }, true],
  ['do not reach', {}, false],
  ['do not reach', { deferInitialization: true }, false],
])(
  'global parts of the application %s the microservices by %j',
  async (_what, options, isInherited) => {
    let guarded = 0;
    await using hybrid = await startHybrid(options, (app) =>
      app
        .useGlobalGuards({ canActivate: () => ++guarded > 0 })
        .useGlobalFilters({ catch: () => throwError(() => 'by the filter') }),
    );
    using freelance = hybrid.freelance;
    using tcp = hybrid.tcp;
    for (const client of [freelance, tcp]) {
      expect(await outcomeOf(client, 'throws', {})).toEqual({
        values: [],
        error: isInherited ? 'by the filter' : { status: 'error', message: 'as it was thrown' },
      });
    }
    expect(guarded).toBe(isInherited ? 2 : 0);
  },
);

test('global enhancers of the microservice apply until it is initialized', async () => {
  const app = await NestFactory.create(HybridModule, { logger: false });
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const service = app.connectMicroservice({ strategy }, { deferInitialization: true });
  service.useGlobalInterceptors({ intercept: () => throwError(() => new RpcException('in time')) });
  await app.startAllMicroservices();
  using client = connectTo(strategy.endpoints);
  expect(await outcomeOf(client, 'count', {})).toEqual({
    values: [],
    error: { status: 'error', message: 'in time' },
  });
  await app.close();
});

test("the microservice exposes its server's status, events and socket", async () => {
  const app = await NestFactory.create(HybridModule, { logger: false });
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const service = app.connectMicroservice({ strategy });
  const told: unknown[] = [];
  service.status.subscribe((status: string) => told.push(status));
  service.on('listening', (endpoints: readonly string[]) => told.push(endpoints));
  service.on('close', () => told.push('close'));
  await app.startAllMicroservices();
  expect(service.unwrap()).toBe(strategy.unwrap());
  const { endpoints } = strategy;
  await app.close();
  expect(told).toEqual(['connected', endpoints, 'disconnected', 'close']);
});

test('closing the application closes its microservices and runs its hooks once', async () => {
  await using hybrid = await startHybrid();
  using freelance = hybrid.freelance;
  hybrid.tcp.close();
  await freelance.connect();
  const counter = hybrid.app.get(Counter);
  await hybrid.app.close();
  expect(hybrid.strategy.endpoints).toEqual([]);
  expect(counter.hooks).toEqual(['init', 'shutdown']);
});

test('an address in use rejects startAllMicroservices', async () => {
  await using hybrid = await startHybrid();
  hybrid.freelance.close();
  hybrid.tcp.close();
  const [bind = ''] = hybrid.strategy.endpoints;
  const second = await NestFactory.create(HybridModule, { logger: false });
  second.connectMicroservice({ strategy: new FreelanceTransportServer({ bind }) });
  await expect(second.startAllMicroservices()).rejects.toThrow(bind);
  await second.close();
});

test('starting the microservices twice fails, and the running one continues', async () => {
  await using hybrid = await startHybrid();
  using freelance = hybrid.freelance;
  hybrid.tcp.close();
  await expect(hybrid.freelanceService.listen()).rejects.toThrow(/already/);
  expect(await outcomeOf(freelance, 'who', {})).toEqual({ values: ['freelance'] });
  const { endpoints } = hybrid.strategy;
  await hybrid.app.close();
  // Nothing is left listening on the port.
  using late = connectTo(endpoints, { connectTimeout: 100 });
  await expect(late.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
