import { Controller, type DynamicModule, Module, UseFilters } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import type { FreelanceContext } from 'nestjs-freelance';
import { ContractsModule, Implements, InjectContract } from 'nestjs-freelance/contract';
import { type Order, orders, type Receipt, workshop, type WorkshopClient } from './contracts.js';
import { DownstreamFilter } from './downstream.filter.js';

@Controller()
@Implements(orders)
@UseFilters(DownstreamFilter)
class OrdersController {
  constructor(@InjectContract(workshop) private readonly makers: WorkshopClient) {}

  async place({ item, count }: Order, ctx: FreelanceContext): Promise<Receipt> {
    if (item === 'yacht') throw new RpcException({ statusCode: 402, message: 'No funds' });
    // The call takes over what is left of the deadline, the cancellation, and the trace.
    const { trace } = await this.makers.make(item, { parent: ctx });
    return { item, count, trace };
  }
}

@Module({})
export class OrdersModule {
  static of(endpoints: readonly string[]): DynamicModule {
    return {
      module: OrdersModule,
      imports: [
        // Nobody waits for long at a workshop that is closed.
        ContractsModule.register([{ contract: workshop, endpoints, connectTimeout: 500 }]),
      ],
      controllers: [OrdersController],
    };
  }
}
