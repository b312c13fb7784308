import 'reflect-metadata';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { AtMostOnce, FreelanceTransportServer } from 'nestjs-freelance';
import { FreelanceHealthIndicator } from 'nestjs-freelance/terminus';
import { setTimeout as delay } from 'node:timers/promises';

/** The name of the pod: the Deployment passes it on. */
const name = process.env['POD_NAME'] ?? 'orders';

/** How long an order takes, in ms. */
const WORK_MS = 20;

@Controller()
class OrdersController {
  @AtMostOnce()
  @MessagePattern('orders.place')
  async place(@Payload() item: string) {
    await delay(WORK_MS);
    return { item, placedAt: name };
  }
}

@Controller('health')
class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(FreelanceHealthIndicator) private readonly indicator: FreelanceHealthIndicator,
    @Inject('SERVER') private readonly server: FreelanceTransportServer,
  ) {}

  @Get('live')
  @HealthCheck()
  live() {
    return this.health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.indicator.isServing('orders', this.server)]);
  }
}

const server = new FreelanceTransportServer({
  bind: process.env['BIND'] ?? 'tcp://0.0.0.0:5555',
  serverId: name,
  drainTimeout: 10_000, // less than terminationGracePeriodSeconds
});

@Module({
  imports: [TerminusModule],
  controllers: [OrdersController, HealthController],
  providers: [FreelanceHealthIndicator, { provide: 'SERVER', useValue: server }],
})
class OrdersModule {}

const app = await NestFactory.create(OrdersModule, { logger: ['error', 'warn'] });
app.connectMicroservice({ strategy: server });
// On SIGTERM the server drains: it answers what it has accepted, and other servers get new calls.
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.listen(process.env['HTTP_PORT'] ?? 3000);
process.send?.({ endpoint: server.endpoints[0], url: await app.getUrl() });
