import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contract } from '../../../lib/contract/contract.js';
import { asyncApi } from '../../../lib/contract/documents/async-api.js';
import { event, rpc, stream } from '../../../lib/contract/entries.js';
import { VALUES, withArkType, withValibot, withZod } from './shop-contracts.js';

const official = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json') as object;

// It brings the schema of JSON Schema with it, in place of Ajv's own.
const isAsyncApi = new Ajv({
  strict: false,
  meta: false,
  validateSchema: false,
  validateFormats: false,
  allErrors: true,
}).compile(official);

/** What is wrong with a document, by AsyncAPI's own schema. */
function faultsOf(document: object): string[] {
  if (isAsyncApi(document)) return [];
  return (isAsyncApi.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const version = '1.2.3';
const all = [withZod, withValibot, withArkType];

/** All references of a document that lead nowhere. */
function deadReferences(document: object): string[] {
  const references: string[] = [];
  JSON.stringify(document, (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string') references.push(value);
    return value;
  });
  const target = (reference: string) =>
    reference
      .slice(2)
      .split('/')
      .reduce<unknown>(
        (within, key) => (within as Record<string, unknown> | undefined)?.[key],
        document,
      );
  return references.filter((each) => !each.startsWith('#/') || target(each) === undefined);
}

describe('an AsyncAPI document', () => {
  test.each([
    ['zod', [withZod]],
    ['valibot', [withValibot]],
    ['ArkType', [withArkType]],
    ['all three', all],
  ])('is one by the official schema, and its references lead somewhere: %s', (_, contracts) => {
    const { document, gaps } = asyncApi(contracts, { version });
    expect(faultsOf(document)).toEqual([]);
    expect(deadReferences(document)).toEqual([]);
    expect(gaps).toEqual([]);
  });

  test('would not be one with an action that AsyncAPI lacks', () => {
    const { document } = asyncApi([withZod], { version });
    const text = JSON.stringify(document).replace('"receive"', '"listen"');
    expect(faultsOf(JSON.parse(text) as object)).not.toEqual([]);
  });

  test.each(VALUES)(
    'has a schema that tells valid values from others: %s',
    (name, valid, invalid) => {
      const { document } = asyncApi(all, { version });
      const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(document, 'doc');
      const validate = (value: unknown) =>
        ajv.validate({ $ref: `doc#/components/schemas/${name}` }, value);
      expect(validate(valid)).toBe(true);
      expect(validate(invalid)).toBe(false);
    },
  );

  test('says what each entry is: a call with a reply, also a stream, or an event without', () => {
    const { document } = asyncApi([withZod], { version });
    expect(document).toMatchObject({
      asyncapi: '3.0.0',
      info: { title: 'orders', version: '1.2.3' },
      channels: {
        'orders.place': { address: 'orders.place' },
        'orders.place.reply': { address: null },
        'orders.cancelled': { address: 'orders.cancelled' },
      },
      operations: {
        'orders.place': {
          action: 'receive',
          description: 'Places an order',
          channel: { $ref: '#/channels/orders.place' },
          reply: { channel: { $ref: '#/channels/orders.place.reply' } },
          'x-freelance-kind': 'rpc',
          'x-freelance-at-most-once': true,
        },
        'orders.categories': {
          reply: { channel: { $ref: '#/channels/orders.categories.reply' } },
          'x-freelance-kind': 'stream',
        },
        'orders.cancelled': { 'x-freelance-kind': 'event' },
      },
    });
    const { operations } = document as { operations: Record<string, object> };
    expect(operations['orders.cancelled']).not.toHaveProperty('reply');
    expect(operations['orders.cancelled']).not.toHaveProperty('x-freelance-at-most-once');
    expect(Object.keys(operations)).toEqual([
      'orders.place',
      'orders.categories',
      'orders.cancelled',
    ]);
  });

  test('is the same each time', () => {
    const text = () => JSON.stringify(asyncApi(all, { version }).document);
    expect(text()).toBe(text());
  });

  test('tells apart a pattern that cannot be an address: braces would be parameters', () => {
    const odd = contract('odd', {
      object: rpc({ pattern: { cmd: 'sum' } }),
      braces: event({ pattern: 'user.{id}' }),
      query: event({ pattern: 'user?#' }),
    });
    const { document } = asyncApi([odd], { version });
    expect(document).toMatchObject({
      channels: {
        'odd.object': { address: null, 'x-freelance-pattern': { cmd: 'sum' } },
        'odd.braces': { address: null, 'x-freelance-pattern': 'user.{id}' },
        'odd.query': { address: null, 'x-freelance-pattern': 'user?#' },
      },
    });
    expect(faultsOf(document)).toEqual([]);
  });

  test('has keys that AsyncAPI allows, each once, whatever entries are called', () => {
    const odd = contract('größe/~', {
      'a b': rpc(),
      a_b: rpc(),
      x: rpc(),
      'x.reply': event(),
    });
    const { document } = asyncApi([odd], { version });
    expect(faultsOf(document)).toEqual([]);
    expect(deadReferences(document)).toEqual([]);
    const { channels, operations } = document as Record<'channels' | 'operations', object>;
    expect(Object.keys(operations)).toHaveLength(4);
    expect(Object.keys(channels)).toHaveLength(7);
    expect(Object.values(channels)).toContainEqual(
      expect.objectContaining({ address: 'größe/~.x.reply' }),
    );
  });

  test('says of what has no schema that it is anything, and names it', () => {
    const typed = contract('typed', {
      place: rpc<string, string>(),
      list: stream<string, string>(),
      gone: event<string>(),
    });
    const { document, gaps } = asyncApi([typed], { version });
    expect(faultsOf(document)).toEqual([]);
    expect(document).toMatchObject({ components: { schemas: { 'typed.place.payload': {} } } });
    expect(gaps.map(({ entry, part }) => `${entry} ${part}`)).toEqual([
      'typed.place payload',
      'typed.place result',
      'typed.list payload',
      'typed.list result',
      'typed.gone payload',
    ]);
  });

  test('has the operation that docs/cli.md shows', () => {
    const shown = contract('orders', {
      place: rpc({ payload: z.string(), result: z.string(), atMostOnce: true }),
    });
    const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
    const [line = ''] = /^{"action":.*$/m.exec(page) ?? [];
    expect(asyncApi([shown], { version }).document).toMatchObject({
      operations: { 'orders.place': JSON.parse(line) as object },
    });
  });

  test('of an empty contract is one, too', () => {
    expect(faultsOf(asyncApi([contract('empty', {})], { version }).document)).toEqual([]);
  });
});
