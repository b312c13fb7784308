import type { Contract } from '../contract.js';
import type { ContractEntry } from '../entries.js';
import type { SchemaBook, SchemaReference } from './schema-book.js';
import { type JsonSchemaDraft, writtenSchema } from './written-schema.js';

/** What documents say beyond the contracts. */
export interface DocumentOptions {
  /** The version of the contracts. */
  readonly version: string;
}

/** A document of contracts, as JSON, and what it leaves open. */
export interface ContractDocument {
  readonly document: Readonly<Record<string, unknown>>;
  readonly gaps: readonly SchemaGap[];
}

/** A payload or a result that the document describes as anything, `{}`. */
export interface SchemaGap {
  /** Contract and entry: `orders.place`. */
  readonly entry: string;
  readonly part: 'payload' | 'result';
  /** Why; `NO_SCHEMA` if the entry has none. */
  readonly reason: string;
}

/** An entry, as documents describe it. */
export interface DescribedEntry {
  /** Of contract and entry: `orders.place`. */
  readonly name: string;
  readonly entry: ContractEntry;
  readonly pattern: string | object;
  /** What is sent. */
  readonly payload: SchemaReference;
  /** What comes back, or each value of a stream; undefined of an event. */
  readonly result: SchemaReference | undefined;
}

/**
 * Describes the entries of contracts, in their order, and writes their schemas into a book.
 *
 * Results are described by what goes into their schemas, since those only check: what comes out of them is not sent.
 *
 * @param gaps gets what cannot be described
 */
export function describeEntries(
  contracts: readonly Contract[],
  draft: JsonSchemaDraft,
  { book, gaps }: { readonly book: SchemaBook; readonly gaps: SchemaGap[] },
): readonly DescribedEntry[] {
  return contracts.flatMap((contract) =>
    Object.entries(contract.entries).map(([key, entry]) => {
      const name = `${contract.name}.${key}`;
      const write = (part: SchemaGap['part']) => {
        const { schema, gap: reason } = writtenSchema(entry.options[part], draft);
        if (reason !== undefined) gaps.push({ entry: name, part, reason });
        return book.add(`${name}.${part}`, schema);
      };
      return {
        name,
        entry,
        pattern: contract.patterns[key] ?? name,
        payload: write('payload'),
        result: entry.kind === 'event' ? undefined : write('result'),
      };
    }),
  );
}

/** The title of a document. */
export function titleOf(contracts: readonly Contract[]): string {
  return contracts.map(({ name }) => name).join(', ');
}
