import 'reflect-metadata';
import { Controller, Get, Header, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { type FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { ContractsModule } from 'nestjs-freelance/contract';
import { freelanceCollector } from 'nestjs-freelance/prometheus';
import { FreelanceHealthIndicator } from 'nestjs-freelance/terminus';
import { register } from 'prom-client';
import { tell } from './child.js';
import { stockContract } from './contracts.js';
import { OrdersController } from './orders.controller.js';

const endpoints = process.argv.slice(2);

@Controller()
class OperationsController {
  constructor(
    @Inject('STOCK') private readonly stock: FreelanceClientProxy,
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(FreelanceHealthIndicator) private readonly indicator: FreelanceHealthIndicator,
  ) {}

  @Get('metrics')
  @Header('Content-Type', register.contentType)
  metrics() {
    return register.metrics();
  }

  @Get('health')
  @HealthCheck()
  check() {
    return this.health.check([() => this.indicator.isHealthy('stock', this.stock)]);
  }
}

@Module({
  imports: [
    TerminusModule,
    // Under its token, the client is there for health and metrics, too.
    ContractsModule.register([
      { contract: stockContract, clientToken: 'STOCK', endpoints, name: 'stock' },
    ]),
  ],
  controllers: [OrdersController, OperationsController],
  providers: [FreelanceHealthIndicator],
})
class OrdersModule {}

const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', serverId: 'orders' });
const app = await NestFactory.create(OrdersModule, { logger: false });
app.connectMicroservice({ strategy });
const stock = app.get<FreelanceClientProxy>('STOCK');
freelanceCollector({ clients: { stock }, servers: { orders: strategy } });
await stock.connect();
await app.startAllMicroservices();
await app.listen(0, '127.0.0.1');
tell({ ready: [...strategy.endpoints, await app.getUrl()] });
// The process that started this one has ended.
process.once('disconnect', () => process.exit());
