import 'reflect-metadata';
import { Controller, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ContractsModule, InjectContract } from 'nestjs-freelance/contract';
import { tell } from './child.js';
import { type OrdersClient, ordersContract } from './contracts.js';

const endpoints = process.argv.slice(2);

@Controller('orders')
class GatewayController {
  constructor(@InjectContract(ordersContract) private readonly orders: OrdersClient) {}

  @Post(':item')
  place(@Param('item') item: string) {
    return this.orders.place(item);
  }
}

@Module({
  imports: [ContractsModule.register([{ contract: ordersContract, endpoints }])],
  controllers: [GatewayController],
})
class GatewayModule {}

const app = await NestFactory.create(GatewayModule, { logger: false });
await app.listen(0, '127.0.0.1');
tell({ ready: [await app.getUrl()] });
// The process that started this one has ended.
process.once('disconnect', () => process.exit());
