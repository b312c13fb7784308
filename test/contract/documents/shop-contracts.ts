import { createRequire } from 'node:module';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { contract } from '../../../lib/contract/contract.js';
import { event, rpc, stream } from '../../../lib/contract/entries.js';
import type { StandardSchema } from '../../../lib/contract/standard-schema.js';

const { toStandardJsonSchema } = createRequire(import.meta.url)('@valibot/to-json-schema') as {
  readonly toStandardJsonSchema: <Schema extends StandardSchema>(schema: Schema) => Schema;
};

const Item = z.object({ sku: z.string(), count: z.int().positive() }).meta({ id: 'Item' });

const Category = z.object({
  name: z.string(),
  get children() {
    return z.array(Category);
  },
});

const Folder: v.GenericSchema<{ name: string }> = v.object({
  name: v.string(),
  inner: v.array(v.lazy(() => Folder)),
});

const types = type.module({ node: { value: 'number', 'next?': 'node' } });

/** A contract in each library: with references to definitions, to the root, and with what a payload is turned into. */
export const withZod = contract('orders', {
  place: rpc({
    payload: z.object({ items: z.array(Item), gift: Item.optional() }),
    result: z.object({ id: z.uuid() }),
    atMostOnce: true,
    description: 'Places an order',
  }),
  categories: stream({ payload: z.object({ under: z.string() }), result: Category }),
  cancelled: event({ payload: z.object({ id: z.string().transform(Number) }) }),
});

export const withValibot = contract('files', {
  open: rpc({
    payload: toStandardJsonSchema(v.object({ path: v.pipe(v.string(), v.minLength(1)) })),
    result: toStandardJsonSchema(Folder),
    pattern: { cmd: 'open' },
  }),
});

export const withArkType = contract('lists', {
  add: rpc({ payload: types.node, result: type({ size: 'number.integer >= 0' }) }),
});

/** Valid and invalid values, by the names of the schemas. */
export const VALUES: readonly (readonly [schema: string, valid: unknown, invalid: unknown])[] = [
  [
    'orders.place.payload',
    { items: [{ sku: 'a', count: 1 }], gift: { sku: 'b', count: 2 } },
    { items: [{ sku: 'a', count: 'one' }] },
  ],
  ['orders.place.result', { id: '0b56c8e5-4f2c-4c9b-9d2e-0a6f2d1c3b4a' }, { id: 7 }],
  [
    'orders.categories.result',
    { name: 'a', children: [{ name: 'b', children: [] }] },
    { name: 'a', children: [{ name: 'b', children: [{ name: 1 }] }] },
  ],
  // The caller sends text: the number is what the handler gets.
  ['orders.cancelled.payload', { id: '7' }, { id: 7 }],
  ['files.open.payload', { path: '/a' }, { path: '' }],
  [
    'files.open.result',
    { name: 'a', inner: [{ name: 'b', inner: [] }] },
    { name: 'a', inner: [{ name: 'b', inner: [{ name: 1, inner: [] }] }] },
  ],
  ['lists.add.payload', { value: 1, next: { value: 2 } }, { value: 1, next: { value: 'two' } }],
  ['lists.add.result', { size: 0 }, { size: 0.5 }],
];
