import type { ContractClient } from 'nestjs-freelance/contract';
import type { FreelanceClientProxy } from 'nestjs-freelance';
import { firstValueFrom, type Observable } from 'rxjs';
import { type Order, orderOf } from '../app/order.js';
import { benchmarkContract } from './benchmark-contract.js';

/** One way to make the same calls: so many, of which so many are in flight. */
export interface Way {
  readonly name: string;
  run(calls: number, inFlight: number): Promise<void>;
}

/** How a caller gets its results. */
export interface Manner {
  readonly name: string;
  /** `send` first, with which the others are compared. */
  readonly ways: readonly [Way, ...Way[]];
}

/** What is compared: `send`, the contract, and the contract with a schema; awaited, and subscribed to. */
export function manners(
  client: FreelanceClientProxy,
  orders: ContractClient<typeof benchmarkContract>,
): readonly Manner[] {
  const pattern = benchmarkContract.patterns.order;
  return [
    {
      name: 'awaited',
      ways: [
        awaited('send', (order) => firstValueFrom(client.send<Order>(pattern, order))),
        awaited('contract', (order) => orders.order(order)),
        awaited('contract with zod', (order) => orders.checked(order)),
      ],
    },
    {
      name: 'subscribed to',
      ways: [
        subscribed('send', (order) => client.send<Order>(pattern, order)),
        subscribed('contract', (order) => orders.order(order)),
        subscribed('contract with zod', (order) => orders.checked(order)),
      ],
    },
  ];
}

function awaited(name: string, call: (order: Order) => PromiseLike<Order>): Way {
  return {
    name,
    async run(calls, inFlight) {
      let left = calls;
      const loop = async (id: number) => {
        const order = orderOf(id);
        while (left-- > 0) check(order, await call(order));
      };
      await Promise.all(Array.from({ length: inFlight }, (_, id) => loop(id)));
    },
  };
}

function subscribed(name: string, call: (order: Order) => Observable<Order>): Way {
  return {
    name,
    async run(calls, inFlight) {
      let left = calls;
      const loop = (id: number) =>
        new Promise<void>((resolve, reject) => {
          const order = orderOf(id);
          const next = () => {
            if (left-- > 0) call(order).subscribe(observer);
            else resolve();
          };
          const observer = {
            next: (answer: Order) => check(order, answer),
            error: reject,
            complete: next,
          };
          next();
        });
      await Promise.all(Array.from({ length: inFlight }, (_, id) => loop(id)));
    },
  };
}

/** @throws Error if it is the answer to another call */
function check(order: Order, answer: Order): void {
  if (answer.id !== order.id) throw new Error(`${JSON.stringify(answer)} is not the answer`);
}
