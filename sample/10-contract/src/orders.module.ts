import { type DynamicModule, Module } from '@nestjs/common';
import { OrdersController, type Warehouse, WAREHOUSE } from './orders.controller.js';

@Module({})
export class OrdersModule {
  static of(warehouse: Warehouse): DynamicModule {
    return {
      module: OrdersModule,
      controllers: [OrdersController],
      providers: [{ provide: WAREHOUSE, useValue: warehouse }],
    };
  }
}
