import {
  Body,
  Controller,
  DefaultValuePipe,
  type DynamicModule,
  Module,
  Post,
} from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import type { FreelanceCallOptions } from 'nestjs-freelance';
import { ContractsModule, InjectContract } from 'nestjs-freelance/contract';
import { CallErrorFilter } from './call-error.filter.js';
import { CallOptions } from './call-options.js';
import { type NewOrder, orders, type OrdersClient } from './contracts.js';

@Controller('orders')
class GatewayController {
  constructor(@InjectContract(orders) private readonly shop: OrdersClient) {}

  /** The schema of the contract checks the body, at the service. Nest sends no call without data, so a missing body is empty. */
  @Post()
  place(
    @Body(new DefaultValuePipe({})) order: NewOrder,
    @CallOptions() options: FreelanceCallOptions,
  ) {
    return this.shop.place(order, options);
  }
}

@Module({})
class GatewayModule {
  static of(endpoints: readonly string[]): DynamicModule {
    return {
      module: GatewayModule,
      imports: [ContractsModule.register([{ contract: orders, endpoints }])],
      controllers: [GatewayController],
    };
  }
}

export async function openGateway(endpoints: readonly string[]) {
  const app = await NestFactory.create(GatewayModule.of(endpoints), { logger: false });
  app.useGlobalFilters(new CallErrorFilter(app.get(HttpAdapterHost).httpAdapter));
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}
