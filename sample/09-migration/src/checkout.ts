import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { InjectContract } from 'nestjs-freelance/contract';
import { orders, type OrdersClient, type Receipt } from './orders.contract.js';
import { type OrdersAt, OrdersClientModule } from './orders-client.module.js';

/** A caller: the move changes nothing here. */
@Injectable()
export class Checkout {
  constructor(@InjectContract(orders) private readonly shop: OrdersClient) {}

  async place(id: number): Promise<Receipt> {
    return this.shop.place({ id });
  }

  async track(id: number): Promise<string[]> {
    const steps: string[] = [];
    for await (const step of this.shop.track({ id })) steps.push(step);
    return steps;
  }
}

@Module({})
export class CheckoutModule {
  static of(where: OrdersAt): DynamicModule {
    return {
      module: CheckoutModule,
      imports: [OrdersClientModule.at(where)],
      providers: [Checkout],
    };
  }
}
