import { contract, type ContractClient, rpc } from 'nestjs-freelance/contract';
import { z } from 'zod';

const order = z.object({ item: z.string(), count: z.int().positive().default(1) });
const receipt = z.object({ item: z.string(), count: z.int(), trace: z.string() });

export type NewOrder = z.input<typeof order>;
export type Order = z.output<typeof order>;
export type Receipt = z.output<typeof receipt>;

/** What the orders offer to the gateway. */
export const orders = contract('orders', { place: rpc({ payload: order, result: receipt }) });

export type OrdersClient = ContractClient<typeof orders>;

export interface Product {
  readonly item: string;
  /** The trace that it was made for. */
  readonly trace: string;
}

/** What the workshop offers to the orders. */
export const workshop = contract('workshop', { make: rpc<string, Product>() });

export type WorkshopClient = ContractClient<typeof workshop>;
