import { type Order, orderOf } from '../app/order.js';
import type { Task } from './call-loops.js';

/** Each loop has an order of its own, so that an answer to another one's call is noticed. */
export function orderTask(loop: number): Task {
  const data = orderOf(loop);
  return {
    pattern: 'order',
    data,
    values: 1,
    bytes: 0,
    isAnswer: (value) => (value as Order).id === data.id,
  };
}
