import { contract, type ContractClient, rpc } from 'nestjs-freelance/contract';

export interface Reservation {
  readonly item: string;
  readonly reservedBy: string;
}

/** What the stock offers to the orders. */
export const stockContract = contract('stock', {
  reserve: rpc<string, Reservation>({ description: 'Reserves one item' }),
});

export type StockClient = ContractClient<typeof stockContract>;

/** What the orders offer to the gateway. */
export const ordersContract = contract('orders', {
  place: rpc<string, Reservation>({ description: 'Places an order for one item' }),
});

export type OrdersClient = ContractClient<typeof ordersContract>;
