import { badOptions } from '../nest/options/bad-options.js';
import type { Pattern } from '../protocol/headers.js';
import { nameOf } from '../protocol/pattern-name.js';
import type { ContractEntry, EntryKind } from './entries.js';

/** The entries of a contract, by name. */
export type ContractEntries = Readonly<Record<string, ContractEntry>>;

/** What a service offers: written once, and shared by those who serve it and those who call it. `contract` makes it. */
export interface Contract<Entries extends ContractEntries = ContractEntries> {
  readonly name: string;
  readonly entries: Entries;
  /** The pattern of each entry, for `send` and `emit`: text, or an object where an entry says so. */
  readonly patterns: { readonly [Name in keyof Entries]: string | object };
}

/**
 * Names that an entry cannot have. A client or a controller with a member of that name would be taken for a promise by
 * `await`, or have it called by Nest.
 */
const TAKEN = [
  'then',
  'constructor',
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
] as const;

/** Without `constructor`: to the compiler, every object has one. */
type TakenNames = {
  readonly [Name in Exclude<(typeof TAKEN)[number], 'constructor'>]?: never;
};

/**
 * Makes a contract.
 *
 * ```ts
 * export const orders = contract('orders', {
 *   place: rpc<PlaceOrder, Receipt>({ atMostOnce: true }),
 *   list: stream<Query, Order>(),
 *   cancelled: event<OrderId>(),
 * });
 * ```
 *
 * The patterns are `orders.place`, `orders.list`, `orders.cancelled`.
 *
 * @param name begins each pattern; not empty
 * @param entries by name; the handler of an entry is a method of that name
 * @throws FreelanceError `BAD_OPTIONS`, naming the contract and the entry, if two entries have one pattern, a pattern is
 *   reserved, or a name or an option is wrong
 */
export function contract<Entries extends ContractEntries>(
  name: string,
  entries: Entries & TakenNames,
): Contract<Entries> {
  const patterns = new Map<string, string | object>();
  const owners = new Map<string, string>();
  for (const [key, { options }] of Object.entries<ContractEntry>(entries)) {
    if ((TAKEN as readonly string[]).includes(key)) {
      throw badOptions(`Contract ${name}: no entry can have the name ${key}. Give it another one`);
    }
    const pattern = options.pattern ?? `${name}.${key}`;
    const text = nameOf(pattern as Pattern);
    const owner = owners.get(text);
    if (owner !== undefined) {
      throw badOptions(
        `Contract ${name}: the entries ${owner} and ${key} have one pattern, ${text}. Give one of them another`,
      );
    }
    owners.set(text, key);
    patterns.set(key, pattern);
  }
  return Object.freeze({
    name,
    entries: Object.freeze({ ...entries }),
    patterns: Object.freeze(Object.fromEntries(patterns)),
  }) as Contract<Entries>;
}

/**
 * Whether a value is a contract, also one that another copy of this package has made: it has no class, and is recognized by
 * its members.
 */
export function isContract(value: unknown): value is Contract {
  if (!isObject(value)) return false;
  const { name, entries, patterns } = value;
  if (typeof name !== 'string' || !isObject(entries) || !isObject(patterns)) return false;
  return Object.entries(entries).every(
    ([key, entry]) =>
      isEntry(entry) && (typeof patterns[key] === 'string' || isObject(patterns[key])),
  );
}

function isEntry(value: unknown): boolean {
  return isObject(value) && KINDS.has(value['kind']) && isObject(value['options']);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

const KINDS: ReadonlySet<unknown> = new Set<EntryKind>(['rpc', 'stream', 'event']);
