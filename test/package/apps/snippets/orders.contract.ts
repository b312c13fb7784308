// What docs/contracts.md has in a file of that name, and a client of it.
import { contract, type ContractClient, event, rpc, stream } from 'nestjs-freelance/contract';

export interface PlaceOrder {
  readonly item: string;
  readonly count: number;
}

export interface Receipt {
  readonly id: number;
}

export const orders = contract('orders', {
  place: rpc<PlaceOrder, Receipt>({ atMostOnce: true }),
  list: stream<{ readonly since: number }, Receipt>(),
  cancelled: event<{ readonly id: number }>(),
});

export declare const shop: ContractClient<typeof orders>;
