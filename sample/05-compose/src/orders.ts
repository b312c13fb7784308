import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { hostname } from 'node:os';

@Controller()
class OrdersController {
  @MessagePattern('orders.place')
  place(@Payload() item: string) {
    return { item, placedAt: name };
  }
}

@Module({ controllers: [OrdersController] })
class OrdersModule {}

/** Docker gives each container a host name of its own. */
const name = process.env['NAME'] ?? hostname();

const strategy = new FreelanceTransportServer({
  bind: process.env['BIND'] ?? 'tcp://0.0.0.0:5555',
  serverId: name,
});
const app = await NestFactory.createMicroservice(OrdersModule, { strategy, logger: ['error'] });
app.enableShutdownHooks();
await app.listen();
process.send?.(strategy.endpoints);
