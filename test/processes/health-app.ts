import 'reflect-metadata';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { FreelanceHealthIndicator } from 'nestjs-freelance/terminus';
import { once } from 'node:events';
import { say } from './talk.js';

/** The application of docs/health.md: its endpoints for liveness and readiness, and a server that drains on SIGTERM. */

@Controller()
class OrdersController {
  /** Answers once the test writes a line. */
  @MessagePattern('order')
  async order() {
    say({ began: 'order' });
    await once(process.stdin, 'data');
    return 'ordered';
  }
}

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly freelance: FreelanceHealthIndicator,
    @Inject('ORDERS') private readonly orders: FreelanceTransportServer,
  ) {}

  @Get('live')
  @HealthCheck()
  live() {
    return this.health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.freelance.isServing('orders', this.orders)]);
  }
}

const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });

@Module({
  imports: [TerminusModule],
  controllers: [OrdersController, HealthController],
  providers: [FreelanceHealthIndicator, { provide: 'ORDERS', useValue: server }],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.enableShutdownHooks();
app.connectMicroservice({ strategy: server });
await app.startAllMicroservices();
await app.listen(0, '127.0.0.1');
say({ url: await app.getUrl(), endpoints: server.endpoints });
process.stdin.resume().once('close', () => process.exit());
