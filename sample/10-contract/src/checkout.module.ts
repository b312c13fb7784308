import { type DynamicModule, Module } from '@nestjs/common';
import { ContractsModule } from 'nestjs-freelance/contract';
import { Checkout } from './checkout.js';
import { orders } from './orders.contract.js';

@Module({})
export class CheckoutModule {
  static of(endpoints: readonly string[]): DynamicModule {
    return {
      module: CheckoutModule,
      imports: [ContractsModule.register([{ contract: orders, endpoints }])],
      providers: [Checkout],
    };
  }
}
