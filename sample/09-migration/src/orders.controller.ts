import { Controller, Inject } from '@nestjs/common';
import type { TcpContext } from '@nestjs/microservices';
import { FreelanceContext } from 'nestjs-freelance';
import { Implements } from 'nestjs-freelance/contract';
import { setTimeout as delay } from 'node:timers/promises';
import { from, type Observable } from 'rxjs';
import { orders, type Receipt } from './orders.contract.js';

/** How often each order was placed. */
export type Ledger = Map<number, number>;

export const LEDGER = Symbol('LEDGER');

/** How long an order takes, in ms: long enough for some to be under way whenever something changes. */
const WORK_MS = 5;

@Controller()
@Implements(orders)
export class OrdersController {
  constructor(@Inject(LEDGER) private readonly ledger: Ledger) {}

  /** Until TCP is off, the context is one or the other: deadline and signal are there in one only. */
  async place({ id }: { id: number }, ctx: FreelanceContext | TcpContext): Promise<Receipt> {
    await delay(WORK_MS);
    this.ledger.set(id, (this.ledger.get(id) ?? 0) + 1);
    return { id, over: ctx instanceof FreelanceContext ? 'freelance' : 'TCP' };
  }

  /** An Observable until TCP is off: Nest's TCP takes no async iterable. */
  track(): Observable<string> {
    return from(['packed', 'sent', 'delivered']);
  }
}
