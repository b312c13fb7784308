import { describe, expect, test } from 'vitest';
import { SchemaBook } from '../../../lib/contract/documents/schema-book.js';
import type { JsonSchema } from '../../../lib/contract/documents/written-schema.js';

function bookWith(schema: JsonSchema) {
  const book = new SchemaBook('#/$defs');
  book.add('a.b', schema);
  return book.schemas;
}

describe('a schema that becomes part of a document', () => {
  test('keeps its references to itself', () => {
    expect(
      bookWith({ properties: { next: { $ref: '#' }, name: { $ref: '#/properties/x' } } }),
    ).toEqual({
      'a.b': {
        properties: {
          next: { $ref: '#/$defs/a.b' },
          name: { $ref: '#/$defs/a.b/properties/x' },
        },
      },
    });
  });

  test.each(['definitions', '$defs'])('takes its definitions along, next to it: %s', (member) => {
    expect(
      bookWith({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        items: [{ $ref: `#/${member}/X` }, { $ref: `#/${member}/X/properties/y` }],
        [member]: { X: { properties: { y: { $ref: `#/${member}/X` } } } },
      }),
    ).toEqual({
      'a.b': { items: [{ $ref: '#/$defs/a.b.X' }, { $ref: '#/$defs/a.b.X/properties/y' }] },
      'a.b.X': { properties: { y: { $ref: '#/$defs/a.b.X' } } },
    });
  });

  test('takes along definitions whose names are escaped in references', () => {
    expect(
      bookWith({ $ref: '#/$defs/my~1own%20X', $defs: { 'my/own X': { type: 'null' } } }),
    ).toEqual({
      'a.b': { $ref: '#/$defs/a.b.my_own_X' },
      'a.b.my_own_X': { type: 'null' },
    });
  });

  test('keeps data that looks like a reference, and members with the names of keywords', () => {
    const data = { $ref: '#/x' };
    const schema = {
      const: data,
      enum: [data],
      default: data,
      examples: [data],
      properties: { $ref: { type: 'string' }, const: { $ref: '#' } },
    };
    expect(bookWith(schema)).toEqual({
      'a.b': {
        ...schema,
        properties: { $ref: { type: 'string' }, const: { $ref: '#/$defs/a.b' } },
      },
    });
  });

  test('keeps references that lead elsewhere, and those below a URI of their own', () => {
    const schema = {
      allOf: [{ $ref: 'https://example.com/x.json#/y' }, { $ref: '#anchor' }],
      anyOf: [{ $id: 'https://example.com/z.json', $ref: '#/$defs/z' }],
    };
    expect(bookWith(schema)).toEqual({ 'a.b': schema });
    const own = { $id: 'https://example.com/a.json', $ref: '#/$defs/z', $defs: { z: {} } };
    expect(bookWith(own)).toEqual({ 'a.b': own });
  });

  test('gets a name of its own', () => {
    const book = new SchemaBook('#/$defs');
    const keys = ['a b', 'a_b', 'a/b'].map((name) => book.add(name, {}).key);
    expect(keys).toEqual(['a_b', 'a_b_2', 'a_b_3']);
    expect(book.add('c', {}).schema).toEqual({ $ref: '#/$defs/c' });
  });
});
