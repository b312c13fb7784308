import { Controller, type DynamicModule, Inject, Module } from '@nestjs/common';
import { Implements } from 'nestjs-freelance/contract';
import { setTimeout as delay } from 'node:timers/promises';
import { type Reservation, stockContract } from './contracts.js';

/** One server of the stock. */
export interface Stock {
  readonly name: string;
  /** Called when it has begun to reserve an item. */
  readonly reserving: (name: string) => void;
}

const STOCK = Symbol('STOCK');

/** How long a reservation takes, in ms. */
const WORK_MS = 200;

@Controller()
@Implements(stockContract)
class StockController {
  constructor(@Inject(STOCK) private readonly stock: Stock) {}

  async reserve(item: string): Promise<Reservation> {
    const { name, reserving } = this.stock;
    reserving(name);
    await delay(WORK_MS);
    return { item, reservedBy: name };
  }
}

@Module({})
export class StockModule {
  static of(server: Stock): DynamicModule {
    return {
      module: StockModule,
      controllers: [StockController],
      providers: [{ provide: STOCK, useValue: server }],
    };
  }
}
