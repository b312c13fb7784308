import { isPlainText } from '../core/plain-text.js';
import { badOptions } from '../nest/options/bad-options.js';
import { isPlainObject } from '../nest/options/plain-object.js';
import { shown } from '../nest/options/shown.js';
import type { Pattern } from '../protocol/headers.js';
import { nameOf } from '../protocol/pattern-name.js';
import type { ContractEntry } from './entries.js';
import { frozen, whatIsWrongWith } from './entry-pattern.js';
import { checkEntry } from './entry-rules.js';

/** The entries of a contract, by name. */
export type ContractEntries = Readonly<Record<string, ContractEntry>>;

/** What a service offers: written once, and shared by those who serve it and those who call it. `contract` makes it. */
export interface Contract<Entries extends ContractEntries = ContractEntries> {
  /** Begins each pattern, and names the contract in errors. */
  readonly name: string;
  /** What it offers, by name. */
  readonly entries: Entries;
  /** The pattern of each entry, for `send` and `emit`: text, or an object where an entry says so. */
  readonly patterns: { readonly [Name in keyof Entries]: string | object };
}

/**
 * Names that an entry cannot have. A client or a controller with a member of that name would be taken for a promise by
 * `await`, have it called by Nest, or make a call when it is logged. Nor can an entry have the name of a member of every
 * object, such as `constructor`; `contract` refuses those when it runs.
 */
export type ReservedEntryName =
  | 'then'
  | 'toJSON'
  | 'onModuleInit'
  | 'onApplicationBootstrap'
  | 'onModuleDestroy'
  | 'beforeApplicationShutdown'
  | 'onApplicationShutdown';

const RESERVED: readonly string[] = [
  'then',
  'toJSON',
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
] satisfies ReservedEntryName[];

/**
 * Makes a contract.
 *
 * ```ts
 * const orders = contract('orders', {
 *   place: rpc<PlaceOrder, Receipt>({ atMostOnce: true }),
 *   list: stream<Query, Order>(),
 *   cancelled: event<OrderId>(),
 * });
 * ```
 *
 * The patterns are `orders.place`, `orders.list`, `orders.cancelled`.
 *
 * @param name begins each pattern; 1 to 200 characters, no control characters
 * @param entries by name; the handler of an entry is a method of that name
 * @throws FreelanceError `BAD_OPTIONS`, naming the contract and the entry, if two entries have one pattern, a pattern is
 *   reserved, or a name or an option is wrong
 */
export function contract<Entries extends ContractEntries>(
  name: string,
  entries: Entries & { readonly [Name in ReservedEntryName]?: never },
): Contract<Entries> {
  if (!isName(name)) {
    throw badOptions(`The name of a contract must be ${A_NAME}, but is ${shown(name)}`);
  }
  const title = `Contract ${name}`;
  if (!isPlainObject(entries)) {
    throw badOptions(`${title}: its entries must be an object, but are ${shown(entries)}`);
  }
  if (Object.getOwnPropertySymbols(entries).length > 0) {
    throw badOptions(`${title}: the name of an entry must be ${A_NAME}, but one is a symbol`);
  }
  const patterns: Record<string, string | object> = {};
  const owners = new Map<string, string>();
  for (const [key, entry] of Object.entries<ContractEntry>(entries)) {
    checkKey(title, key);
    checkEntry(`${title}, entry ${key}`, entry);
    const pattern = entry.options.pattern ?? `${name}.${key}`;
    const wrong = whatIsWrongWith(pattern);
    if (wrong !== undefined) throw badOptions(`${title}, entry ${key}: its pattern ${wrong}`);
    const text = nameOf(pattern as Pattern);
    const owner = owners.get(text);
    if (owner !== undefined) {
      throw badOptions(
        `${title}: the entries ${owner} and ${key} have one pattern, ${text}. Give one of them another`,
      );
    }
    owners.set(text, key);
    patterns[key] = typeof pattern === 'string' ? pattern : frozen(pattern);
  }
  return Object.freeze({
    name,
    entries: Object.freeze({ ...entries }),
    patterns: Object.freeze(patterns),
  }) as Contract<Entries>;
}

function checkKey(title: string, key: string): void {
  if (!isName(key)) {
    throw badOptions(`${title}: the name of an entry must be ${A_NAME}, but is ${shown(key)}`);
  }
  // Not what every object has, either: `constructor`, `toString`, `__proto__`.
  if (RESERVED.includes(key) || key in Object.prototype) {
    throw badOptions(`${title}: no entry can have the name ${key}. Give it another one`);
  }
}

const LONGEST_NAME = 200;

const A_NAME = 'a string of 1 to 200 characters without control characters';

function isName(name: unknown): boolean {
  return typeof name === 'string' && name !== '' && isPlainText(name, LONGEST_NAME);
}
