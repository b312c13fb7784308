import { contract, type ContractClient, event, rpc, stream } from 'nestjs-freelance/contract';
import { z } from 'zod';

const order = z.object({ item: z.string(), count: z.int().positive().default(1) });
const receipt = z.object({ item: z.string(), count: z.int(), attempt: z.int() });
const id = z.object({ id: z.int() });
const step = z.object({ id: z.int(), step: z.string() });

export type Order = z.output<typeof order>;
export type Receipt = z.output<typeof receipt>;

/** What the orders offer. Servers and callers import it: in a deployment, from a package of its own. */
export const orders = contract('orders', {
  place: rpc({ payload: order, result: receipt, description: 'Places an order' }),
  track: stream({ payload: id, result: step, description: 'Each step of an order' }),
  cancelled: event({ payload: id, description: 'A customer has cancelled an order' }),
});

export type OrdersClient = ContractClient<typeof orders>;
