import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { jsonSchemas } from '../../../lib/contract/documents/json-schema.js';
import { VALUES, withArkType, withValibot, withZod } from './shop-contracts.js';

const version = '1.2.3';
const all = [withZod, withValibot, withArkType];
const ajv = () => new Ajv2020({ strict: false, validateFormats: false });

describe('a JSON Schema of contracts', () => {
  test.each([
    ['zod', [withZod]],
    ['valibot', [withValibot]],
    ['ArkType', [withArkType]],
    ['all three', all],
  ])('is one by its meta schema, and compiles: %s', (_, contracts) => {
    const { document, gaps } = jsonSchemas(contracts, { version });
    expect(ajv().validateSchema(document)).toBe(true);
    expect(ajv().compile(document)).toBeTypeOf('function');
    expect(gaps).toEqual([]);
  });

  test.each(VALUES)('tells valid values from others: %s', (name, valid, invalid) => {
    const { document } = jsonSchemas(all, { version });
    const [, entry = '', part = ''] = /^(.*)\.(\w+)$/.exec(name) ?? [];
    const validate = ajv().compile(document);
    expect(validate({ [entry]: { [part]: valid } })).toBe(true);
    expect(validate({ [entry]: { [part]: invalid } })).toBe(false);
  });

  test('has the names, the version, and what entries say of themselves', () => {
    const { document } = jsonSchemas(all, { version });
    expect(document).toMatchObject({
      title: 'orders, files, lists',
      $comment: 'version 1.2.3',
      properties: {
        'orders.place': {
          description: 'Places an order',
          properties: {
            payload: { $ref: '#/$defs/orders.place.payload' },
            result: { $ref: '#/$defs/orders.place.result' },
          },
        },
        'orders.cancelled': { properties: { payload: {} } },
      },
    });
    expect(document).not.toHaveProperty(['properties', 'orders.cancelled', 'properties', 'result']);
  });
});
