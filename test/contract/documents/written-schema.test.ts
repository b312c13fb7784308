import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type JsonSchemaDraft,
  NO_SCHEMA,
  writtenSchema,
} from '../../../lib/contract/documents/written-schema.js';
import { unchecked } from '../../../lib/contract/entries.js';
import type { StandardSchema } from '../../../lib/contract/standard-schema.js';

/** A schema of a library whose converter does as it is told. */
function schemaOf(
  vendor: string,
  input?: (options: { target: string }) => unknown,
): StandardSchema {
  const props = {
    version: 1 as const,
    vendor,
    validate: (value: unknown) => ({ value }),
    jsonSchema: input && { input, output: () => ({ wrong: true }) },
  };
  return { '~standard': props };
}

describe('a schema, as JSON Schema', () => {
  test.each<JsonSchemaDraft>(['draft-07', 'draft-2020-12'])(
    'is of the draft asked for: %s',
    (draft) => {
      const schema = schemaOf('x', ({ target }) => ({ target }));
      expect(writtenSchema(schema, draft)).toEqual({ schema: { target: draft } });
    },
  );

  test('is what has to be sent, not what a transformation makes of it', () => {
    const { schema, gap } = writtenSchema(z.string().transform(Number), 'draft-2020-12');
    expect(schema).toMatchObject({ type: 'string' });
    expect(gap).toBeUndefined();
  });

  test('without a schema, or with one that checks nothing, allows anything', () => {
    const anything = { schema: {}, gap: NO_SCHEMA };
    expect(writtenSchema(undefined, 'draft-07')).toEqual(anything);
    expect(writtenSchema(unchecked(), 'draft-07')).toEqual(anything);
  });

  test('that its library cannot write allows anything, and says why', () => {
    expect(writtenSchema(z.object({ at: z.date() }), 'draft-07')).toEqual({
      schema: {},
      gap: 'Date cannot be represented in JSON Schema',
    });
  });

  test.each([
    ['valibot', v.object({}), /toStandardJsonSchema\(schema\) of @valibot\/to-json-schema/],
    ['zod', schemaOf('zod'), /zod .* since 4\.2/],
    ['arktype', schemaOf('arktype'), /ArkType .* since 2\.1\.28/],
    ['yup', schemaOf('yup'), /its library, yup, does not implement Standard JSON Schema/],
  ])('of a library that writes none allows anything, and says what to do: %s', (_, schema, gap) => {
    expect(writtenSchema(schema, 'draft-07')).toEqual({
      schema: {},
      gap: expect.stringMatching(gap),
    });
  });

  test.each([
    ['undefined', () => undefined, 'its library wrote no object'],
    ['text', () => 'x', 'its library wrote no object'],
    ['a list', () => [], 'its library wrote no object'],
    ['a bigint', () => ({ minimum: 1n }), /BigInt/],
    ['nothing at all', () => JSON.parse('null'), 'its library wrote no object'],
  ])('of a library that writes nonsense allows anything: %s', (_, input, gap) => {
    expect(writtenSchema(schemaOf('x', input), 'draft-07')).toEqual({
      schema: {},
      gap: expect.stringMatching(gap),
    });
  });
});
