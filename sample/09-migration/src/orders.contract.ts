import { contract, type ContractClient, rpc, stream } from 'nestjs-freelance/contract';

export interface Receipt {
  readonly id: number;
  /** What carried the order. */
  readonly over: 'TCP' | 'freelance';
}

/** What the orders offer, over either transport. No order may be placed twice. */
export const orders = contract('orders', {
  place: rpc<{ readonly id: number }, Receipt>({ atMostOnce: true }),
  track: stream<{ readonly id: number }, string>(),
});

export type OrdersClient = ContractClient<typeof orders>;
