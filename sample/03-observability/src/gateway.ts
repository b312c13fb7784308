import 'reflect-metadata';
import { Controller, Inject, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { tell } from './child.js';

const endpoints = process.argv.slice(2);

@Controller('orders')
class GatewayController {
  constructor(@Inject('ORDERS') private readonly orders: FreelanceClientProxy) {}

  @Post(':item')
  place(@Param('item') item: string) {
    return this.orders.send('orders.place', item);
  }
}

@Module({
  imports: [
    ClientsModule.register([
      { name: 'ORDERS', customClass: FreelanceClientProxy, options: { endpoints } },
    ]),
  ],
  controllers: [GatewayController],
})
class GatewayModule {}

const app = await NestFactory.create(GatewayModule, { logger: false });
await app.listen(0, '127.0.0.1');
tell({ ready: [await app.getUrl()] });
// The process that started this one has ended.
process.once('disconnect', () => process.exit());
