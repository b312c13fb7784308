import { bytesOf, sizeOf } from '../app/bytes.js';
import { type Document, documentOf } from '../app/document.js';
import { type Order, orderOf } from '../app/order.js';

/** A call that is repeated. */
export interface Task {
  readonly pattern: string;
  /** The data of the next call. */
  data(): unknown;
  /** The number of values in the answer. */
  readonly values: number;
  /** Bytes of payload per call, in both directions together. */
  readonly bytes: number;
  isAnswer(value: unknown): boolean;
}

/** Each loop has an order of its own, so that an answer to another one's call is noticed. */
export function orderTask(loop: number): Task {
  const order = orderOf(loop);
  return {
    pattern: 'order',
    data: () => order,
    values: 1,
    bytes: 2 * sizeAsJson(order),
    isAnswer: (value) => (value as Order).id === order.id,
  };
}

export function documentTask(size: number): Task {
  const document = documentOf(size);
  return {
    pattern: 'document',
    data: () => document,
    values: 1,
    bytes: 2 * sizeAsJson(document),
    isAnswer: (value) => (value as Document).lines.length === document.lines.length,
  };
}

export function bytesTask(size: number): Task {
  const bytes = bytesOf(size);
  return {
    pattern: 'bytes',
    data: () => bytes,
    values: 1,
    bytes: 2 * size,
    isAnswer: (value) => sizeOf(value) === size,
  };
}

/** Bytes in, bytes out: both ends convert them, as an application would. */
export function base64Task(size: number): Task {
  const bytes = bytesOf(size);
  return {
    pattern: 'base64',
    data: () => bytes.toString('base64'),
    values: 1,
    bytes: 2 * size,
    isAnswer: (value) => Buffer.from(value as string, 'base64').length === size,
  };
}

export function streamTask(pattern: 'values' | 'iterated', count: number): Task {
  return {
    pattern,
    data: () => ({ count }),
    values: count,
    bytes: count * sizeAsJson(orderOf(0)),
    isAnswer: (value) => typeof (value as Order).id === 'number',
  };
}

function sizeAsJson(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
