import { contract, rpc } from 'nestjs-freelance/contract';
import { z } from 'zod';
import type { Order } from '../app/order.js';

const order = z.object({
  id: z.number(),
  item: z.string(),
  colour: z.string(),
  quantity: z.int().positive(),
  price: z.int(),
  gift: z.boolean(),
});

/** One handler without a schema, and the same with one. */
export const benchmarkContract = contract('benchmark', {
  order: rpc<Order, Order>(),
  checked: rpc({ payload: order, result: order }),
});
