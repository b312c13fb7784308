import type { Pattern } from '../../protocol/headers.js';
import { nameOf } from '../../protocol/pattern-name.js';
import type { Contract } from '../contract.js';
import {
  type ContractDocument,
  type DescribedEntry,
  describeEntries,
  type DocumentOptions,
  type SchemaGap,
  titleOf,
} from './contract-document.js';
import { SchemaBook, type SchemaReference } from './schema-book.js';
import { UniqueNames } from './unique-names.js';
import type { JsonSchema } from './written-schema.js';

/**
 * Contracts as an AsyncAPI document of the service that implements them. Source: AsyncAPI 3.0.0,
 * https://www.asyncapi.com/docs/reference/specification/v3.0.0
 *
 * Each entry is an operation that receives at the channel of its pattern; those of calls have a reply. AsyncAPI does not say how
 * many messages a reply has, nor whether an operation may run twice: `x-freelance-kind` and `x-freelance-at-most-once` do.
 */
export function asyncApi(
  contracts: readonly Contract[],
  { version }: DocumentOptions,
): ContractDocument {
  const book = new SchemaBook('#/components/schemas');
  const gaps: SchemaGap[] = [];
  const names = new UniqueNames();
  // Schema Objects of AsyncAPI are a superset of this draft.
  const described = describeEntries(contracts, 'draft-07', { book, gaps });
  const parts = described.map((entry) => partsOf(entry, names));
  return {
    document: {
      asyncapi: '3.0.0',
      info: { title: titleOf(contracts), version },
      defaultContentType: 'application/json',
      channels: Object.fromEntries(parts.flatMap(({ channels }) => channels)),
      operations: Object.fromEntries(parts.map(({ operation }) => operation)),
      components: { schemas: book.schemas },
    },
    gaps,
  };
}

type Member = readonly [key: string, value: JsonSchema];

interface Parts {
  readonly channels: readonly Member[];
  readonly operation: Member;
}

function partsOf(
  { name, entry, pattern, payload, result }: DescribedEntry,
  names: UniqueNames,
): Parts {
  const { kind, options } = entry;
  const key = names.add(name);
  const request = channelOf(key, addressOf(pattern), payload);
  const reply =
    // Its address is that of the call, which the protocol knows.
    result && channelOf(names.add(`${name}.reply`), { address: null }, result);
  return {
    channels: [request.channel, ...(reply ? [reply.channel] : [])],
    operation: [
      key,
      {
        action: 'receive',
        title: name,
        ...(options.description !== undefined && { description: options.description }),
        ...request.references,
        ...(reply && { reply: reply.references }),
        'x-freelance-kind': kind,
        ...(options.atMostOnce === true && { 'x-freelance-at-most-once': true }),
      },
    ],
  };
}

/** A channel with one message, and the references of an operation, or a reply, to them. */
function channelOf(id: string, address: JsonSchema, { key, schema }: SchemaReference) {
  // Generators name messages by their keys, which therefore are unique in all of the document.
  const channel: Member = [id, { ...address, messages: { [key]: { payload: schema } } }];
  const references = {
    channel: { $ref: `#/channels/${id}` },
    messages: [{ $ref: `#/channels/${id}/messages/${key}` }],
  };
  return { channel, references };
}

/**
 * In addresses of AsyncAPI, braces are parameters, and queries and fragments are forbidden. A pattern with any of them, such as
 * an object, is told apart.
 */
function addressOf(pattern: string | object): JsonSchema {
  const name = nameOf(pattern as Pattern);
  return /[{}?#]/u.test(name)
    ? { address: null, 'x-freelance-pattern': pattern }
    : { address: name };
}
