import 'reflect-metadata';
import { Controller, Get, Inject, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule } from '@nestjs/microservices';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { type EndpointDiscovery, FreelanceClientProxy } from 'nestjs-freelance';
import { dnsEndpoints } from 'nestjs-freelance/discovery';
import { FreelanceHealthIndicator } from 'nestjs-freelance/terminus';
import { endpointSlices } from './endpoint-slices.js';
import { KubernetesApi } from './kubernetes-api.js';

/** By DNS, which needs no rights; or by EndpointSlices, which tell of changes at once, and of zones. */
function discovery(): EndpointDiscovery {
  if (process.env['DISCOVERY'] !== 'slices') return dnsEndpoints('tcp://orders:5555');
  return endpointSlices('orders', { port: 'freelance', api: KubernetesApi.ofThisPod() });
}

@Controller()
class ShopController {
  constructor(
    @Inject('ORDERS') private readonly orders: FreelanceClientProxy,
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(FreelanceHealthIndicator) private readonly indicator: FreelanceHealthIndicator,
  ) {}

  @Post('orders/:item')
  place(@Param('item') item: string) {
    return this.orders.send<{ item: string; placedAt: string }>('orders.place', item);
  }

  @Get('health/live')
  @HealthCheck()
  live() {
    return this.health.check([]);
  }

  @Get('health/ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.indicator.isHealthy('orders', this.orders)]);
  }
}

@Module({
  imports: [
    TerminusModule,
    ClientsModule.register([
      { name: 'ORDERS', customClass: FreelanceClientProxy, options: { endpoints: discovery() } },
    ]),
  ],
  controllers: [ShopController],
  providers: [FreelanceHealthIndicator],
})
class ShopModule {}

const app = await NestFactory.create(ShopModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(process.env['HTTP_PORT'] ?? 3000);
process.send?.({ url: await app.getUrl() });
