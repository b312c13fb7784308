import type { Contract } from '../contract.js';
import {
  type ContractDocument,
  type DescribedEntry,
  describeEntries,
  type DocumentOptions,
  type SchemaGap,
  titleOf,
} from './contract-document.js';
import { SchemaBook } from './schema-book.js';

/**
 * Contracts as one JSON Schema: of an object with a member for each entry, which has the members `payload` and `result`. So
 * generators of types reach all definitions, `orders.place.payload` and so on.
 *
 * Source: https://json-schema.org/draft/2020-12
 */
export function jsonSchemas(
  contracts: readonly Contract[],
  { version }: DocumentOptions,
): ContractDocument {
  const book = new SchemaBook('#/$defs');
  const gaps: SchemaGap[] = [];
  const described = describeEntries(contracts, 'draft-2020-12', { book, gaps });
  return {
    document: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: titleOf(contracts),
      // JSON Schema has no word for it.
      $comment: `version ${version}`,
      type: 'object',
      properties: Object.fromEntries(described.map((entry) => [entry.name, propertyOf(entry)])),
      $defs: book.schemas,
    },
    gaps,
  };
}

function propertyOf({ entry, payload, result }: DescribedEntry) {
  const { description } = entry.options;
  return {
    ...(description !== undefined && { description }),
    type: 'object',
    properties: { payload: payload.schema, ...(result && { result: result.schema }) },
  };
}
