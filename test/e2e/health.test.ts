import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, MessagePattern } from '@nestjs/microservices';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  TerminusModule,
} from '@nestjs/terminus';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { FreelanceHealthIndicator } from '../../lib/terminus/index.js';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

@Controller()
class Counting {
  @MessagePattern('count')
  count() {
    return 1;
  }
}

/** An HTTP application with health endpoints: of its client, and of its own server. */
async function applicationOf(endpoints: readonly string[], minAlive: number) {
  const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });

  @Controller('health')
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly freelance: FreelanceHealthIndicator,
      @Inject('INVENTORY') private readonly inventory: FreelanceClientProxy,
    ) {}

    @Get('client')
    @HealthCheck()
    client() {
      return this.health.check([
        () => this.freelance.isHealthy('inventory', this.inventory, { minAlive }),
      ]);
    }

    @Get('server')
    @HealthCheck()
    server() {
      return this.health.check([() => this.freelance.isServing('orders', server)]);
    }
  }

  @Module({
    imports: [
      TerminusModule,
      ClientsModule.register([
        {
          name: 'INVENTORY',
          customClass: FreelanceClientProxy,
          options: { endpoints, heartbeatInterval: 100 },
        },
      ]),
    ],
    controllers: [HealthController, Counting],
    providers: [FreelanceHealthIndicator],
  })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: false });
  app.connectMicroservice({ strategy: server });
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    server,
    async health(of: 'client' | 'server') {
      const response = await fetch(`${url}/health/${of}`);
      const { details } = (await response.json()) as {
        details: Record<string, Record<string, unknown>>;
      };
      return { status: response.status, details };
    },
    [Symbol.asyncDispose]: () => app.close(),
  };
}

test('a client is healthy while enough of its servers are alive, and 503 names those that are not', async () => {
  const servers = await Promise.all([serve([Counting]), serve([Counting])]);
  const endpoints = servers.flatMap((server) => server.endpoints);
  await using app = await applicationOf(endpoints, 2);
  // The first check has the client connect.
  expect(await app.health('client')).toMatchObject({
    status: 503,
    details: { inventory: { status: 'down', alive: 0, minAlive: 2 } },
  });
  await eventually(async () => expect((await app.health('client')).status).toBe(200));
  await servers[0]?.[Symbol.asyncDispose]();
  await eventually(async () => expect((await app.health('client')).status).toBe(503));
  const { details } = await app.health('client');
  expect(details).toMatchObject({
    inventory: {
      message: '1 of 2 servers are alive, and 2 must be.',
      servers: { [endpoints[1] ?? '']: { state: 'alive', serverId: expect.any(String) } },
    },
  });
  await servers[1]?.[Symbol.asyncDispose]();
});

test('a check asks nobody: it answers at once while all servers are unreachable', async () => {
  await using app = await applicationOf(['tcp://127.0.0.1:1'], 1);
  for (let checks = 0; checks < 20; checks++)
    expect(await app.health('client')).toMatchObject({ status: 503 });
});

test('a server is serving until it is set unready, and while it drains it is not', async () => {
  await using app = await applicationOf(['tcp://127.0.0.1:1'], 1);
  const { server } = app;
  expect(await app.health('server')).toMatchObject({
    status: 200,
    details: { orders: { status: 'up', endpoints: server.endpoints } },
  });
  server.setReady(false);
  expect(await app.health('server')).toMatchObject({
    status: 503,
    details: { orders: { status: 'down', message: expect.stringMatching(/set unready/) } },
  });
  server.setReady(true);
  expect(await app.health('server')).toMatchObject({ status: 200 });
  await server.close();
  expect(await app.health('server')).toMatchObject({ status: 503 });
});

test('a client that was closed is unhealthy, and a check does not open it again', async () => {
  await using served = await serve([Counting]);
  const [endpoint = ''] = served.endpoints;
  const health = new FreelanceHealthIndicator(new HealthIndicatorService());
  using client = connectTo([endpoint]);
  await eventually(() => expect(health.isHealthy('inventory', client).inventory.status).toBe('up'));
  client.close();
  expect(health.isHealthy('inventory', client).inventory).toMatchObject({
    status: 'down',
    message: expect.stringMatching(/was closed/),
  });
  expect(() => client.unwrap()).toThrow(/not connected/);
});

test('the application of the recipe is live, and on SIGTERM unready, with its call answered before it ends', async () => {
  await using child = Child.node('health-app');
  const { url, endpoints } = (await child.nextLine()) as { url: string; endpoints: string[] };
  const statusOf = async (probe: string) => (await fetch(`${url}/health/${probe}`)).status;
  expect(await statusOf('live')).toBe(200);
  expect(await statusOf('ready')).toBe(200);
  using client = connectTo(endpoints);
  const answer = firstValueFrom(client.send('order', {}));
  expect(await child.nextLine()).toEqual({ began: 'order' });
  child.signal('SIGTERM');
  await eventually(() =>
    expect(Object.values(client.stats().endpoints)).toMatchObject([{ state: 'draining' }]),
  );
  // The server drains before HTTP closes: nobody restarts a process that is leaving in order.
  expect(await statusOf('ready')).toBe(503);
  expect(await statusOf('live')).toBe(200);
  child.tell('ship it');
  expect(await answer).toBe('ordered');
  expect(await child.ended()).toBe('SIGTERM');
});
