import { isPlainObject } from '../nest/options/plain-object.js';
import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.js';

/** What an entry stands for: a call with one result, a call with many, or an event. */
export type EntryKind = 'rpc' | 'stream' | 'event';

/** The options of every entry. */
export interface EntryOptions {
  /**
   * The pattern of its messages, to give a contract to handlers that exist: text, or an object as Nest takes it.
   *
   * @default the names of contract and entry, as in `orders.place`
   */
  readonly pattern?: string | object | undefined;
  /** Whether its handler must not run twice for one call, as `@AtMostOnce()` says. @default false */
  readonly atMostOnce?: boolean | undefined;
  /** For people: in the documents that the command line makes. */
  readonly description?: string | undefined;
}

/** Options with a schema of the payload. */
export interface PayloadOptions<Payload extends StandardSchema> extends EntryOptions {
  /** Checks what callers send, at the server. The handler gets what it yields. */
  readonly payload: Payload;
}

/** Options with a schema of the result. */
export interface ResultOptions<Result extends StandardSchema> extends EntryOptions {
  /**
   * Checks results at the server, each value of a stream. It changes none: what it yields is dropped, since it does not run
   * in production.
   */
  readonly result: Result;
}

/**
 * One entry of a contract. `rpc`, `stream` and `event` make them.
 *
 * @typeParam Sent what a caller passes
 * @typeParam Received what the handler gets: the same, unless a schema changes it
 * @typeParam Result what the caller gets; of a stream, each value
 */
export interface ContractEntry<
  Kind extends EntryKind = EntryKind,
  Sent = unknown,
  Received = unknown,
  Result = unknown,
> {
  /** A call, a stream or an event. */
  readonly kind: Kind;
  /** As given, with its schemas. */
  readonly options: EntryOptions & {
    /** Checks what callers send. */
    readonly payload?: StandardSchema | undefined;
    /** Checks what comes back. */
    readonly result?: StandardSchema | undefined;
  };
  /** For the compiler alone: never there when the program runs. */
  readonly '~types'?:
    | {
        /** What a caller passes. */
        readonly sent: Sent;
        /** What the handler gets. */
        readonly received: Received;
        /** What the caller gets; of a stream, each value. */
        readonly result: Result;
      }
    | undefined;
}

/**
 * A call with one result.
 *
 * ```ts
 * const orders = contract('orders', {
 *   place: rpc<PlaceOrder, Receipt>({ atMostOnce: true }),
 *   cancel: rpc({ payload: z.object({ id: z.uuid() }), result: z.boolean() }),
 * });
 * ```
 *
 * The types are given as type parameters, or by schemas. Without either, nothing is passed, or nothing comes back.
 *
 * @typeParam Sent what a caller passes and the handler gets, as JSON carries it: a `Date` arrives as text
 * @typeParam Result what comes back, likewise
 */
export function rpc<Payload extends StandardSchema, Result extends StandardSchema>(
  options: PayloadOptions<Payload> & ResultOptions<Result>,
): ContractEntry<'rpc', SchemaInput<Payload>, SchemaOutput<Payload>, SchemaInput<Result>>;
export function rpc<Payload extends StandardSchema>(
  options: PayloadOptions<Payload>,
): ContractEntry<'rpc', SchemaInput<Payload>, SchemaOutput<Payload>, void>;
export function rpc<Result extends StandardSchema>(
  options: ResultOptions<Result>,
): ContractEntry<'rpc', void, void, SchemaInput<Result>>;
// Not by defaults alone: where it stands, in a contract, the compiler would infer `unknown`.
export function rpc(options?: EntryOptions): ContractEntry<'rpc', void, void, void>;
export function rpc<Sent, Result = void>(
  options?: EntryOptions,
): ContractEntry<'rpc', Sent, Sent, Result>;
export function rpc(options: EntryOptions = {}): ContractEntry<'rpc'> {
  return entry('rpc', options);
}

/**
 * A call with any number of results. With `for await`, the server sends them as fast as the caller reads them.
 *
 * ```ts
 * const warehouse = contract('warehouse', { rows: stream<Query, Row>() });
 * for await (const row of contractClient(warehouse, client).rows(query)) await store(row);
 * ```
 *
 * @typeParam Sent what a caller passes and the handler gets
 * @typeParam Value each value that comes back
 */
export function stream<Payload extends StandardSchema, Value extends StandardSchema>(
  options: PayloadOptions<Payload> & ResultOptions<Value>,
): ContractEntry<'stream', SchemaInput<Payload>, SchemaOutput<Payload>, SchemaInput<Value>>;
export function stream<Value extends StandardSchema>(
  options: ResultOptions<Value>,
): ContractEntry<'stream', void, void, SchemaInput<Value>>;
export function stream<Sent, Value>(
  options?: EntryOptions,
): ContractEntry<'stream', Sent, Sent, Value>;
export function stream(options: EntryOptions = {}): ContractEntry<'stream'> {
  return entry('stream', options);
}

/**
 * An event: the caller hears that a server has accepted it, and nothing of its handlers.
 *
 * ```ts
 * const orders = contract('orders', { cancelled: event<OrderId>() });
 * await contractClient(orders, client).cancelled({ id: 7 });
 * ```
 *
 * @typeParam Sent what a caller passes and the handlers get
 */
export function event<Payload extends StandardSchema>(
  options: PayloadOptions<Payload>,
): ContractEntry<'event', SchemaInput<Payload>, SchemaOutput<Payload>, void>;
export function event(options?: EntryOptions): ContractEntry<'event', void, void, void>;
export function event<Sent>(options?: EntryOptions): ContractEntry<'event', Sent, Sent, void>;
export function event(options: EntryOptions = {}): ContractEntry<'event'> {
  return entry('event', options);
}

/**
 * A schema that checks nothing, for an entry with a schema for one side alone:
 * `rpc({ payload: PlaceOrder, result: unchecked<Receipt>() })`.
 *
 * @typeParam Value what the compiler takes it for
 */
export function unchecked<Value>(): StandardSchema<Value> {
  return UNCHECKED as StandardSchema<Value>;
}

const UNCHECKED: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'nestjs-freelance',
    validate: (value) => ({ value }),
  },
};

/** `contract` checks the options: it knows the name of the entry. */
function entry<Kind extends EntryKind>(kind: Kind, options: EntryOptions): ContractEntry<Kind> {
  const kept = isPlainObject(options) ? Object.freeze({ ...options }) : options;
  return Object.freeze({ kind, options: kept });
}
