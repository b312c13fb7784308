import { Controller, Inject } from '@nestjs/common';
import type { FreelanceContext } from 'nestjs-freelance';
import { Implements } from 'nestjs-freelance/contract';
import { type Order, orders, type Receipt } from './orders.contract.js';

export const WAREHOUSE = Symbol('WAREHOUSE');

/** What the handlers work with. */
export interface Warehouse {
  /** @param attempt above 1, another server may have begun to pick the item */
  pick(item: string, attempt: number): Promise<void>;
  putBack(id: number): void;
}

@Controller()
@Implements(orders)
export class OrdersController {
  constructor(@Inject(WAREHOUSE) private readonly warehouse: Warehouse) {}

  async place({ item, count }: Order, ctx: FreelanceContext): Promise<Receipt> {
    const attempt = ctx.getAttempt();
    await this.warehouse.pick(item, attempt);
    return { item, count, attempt };
  }

  async *track({ id }: { id: number }) {
    for (const step of ['packed', 'sent', 'delivered']) yield { id, step };
  }

  cancelled({ id }: { id: number }) {
    this.warehouse.putBack(id);
  }
}
