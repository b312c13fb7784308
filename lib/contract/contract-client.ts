import type { ClientProxy } from '@nestjs/microservices';
import type { BroadcastReport } from '../nest/client/broadcast-report.js';
import type { FreelanceCallOptions } from '../nest/client/freelance-call-options.js';
import { badOptions } from '../nest/options/bad-options.js';
import { shown } from '../nest/options/shown.js';
import type { Contract } from './contract.js';
import type { ContractCall } from './contract-call.js';
import type { ContractStream } from './contract-stream.js';
import type { ContractEntry } from './entries.js';
import { type Caller, EntryCaller } from './entry-caller.js';
import { checkContract } from './is-contract.js';

/**
 * The calls of a contract, by the names of its entries. They need no `this`: `const { place } = orders` works.
 *
 * @typeParam Of the type of the contract: `ContractClient<typeof orders>`
 */
export type ContractClient<Of extends Contract> = {
  readonly [Name in keyof Of['entries']]: ContractMethod<Of['entries'][Name]>;
};

/**
 * The method of a `ContractClient` for one entry. It takes the data, then the options of the call, which override those of the
 * client, and returns a `ContractCall`, or a `ContractStream` for a `stream`. An `event` with `{ broadcast: true }` yields a
 * `BroadcastReport`.
 *
 * @typeParam Entry the type of the entry: `(typeof orders)['entries']['place']`
 */
export type ContractMethod<Entry> =
  Entry extends ContractEntry<infer Kind, infer Sent, unknown, infer Result>
    ? {
        /** A call with one result. */
        readonly rpc: (
          ...args: [
            ...data: ContractArguments<Sent>,
            options?: Omit<FreelanceCallOptions, 'broadcast'>,
          ]
        ) => ContractCall<Result>;
        /** A call with any number of values. */
        readonly stream: (
          ...args: [...data: ContractArguments<Sent>, options?: FreelanceCallOptions]
        ) => ContractStream<Result>;
        /** An event; a broadcast says who has accepted it. */
        // Without a name of its own: a declaration file of whoever exports such a method would need that name.
        readonly event: {
          (
            ...args: [
              ...data: ContractArguments<Sent>,
              options: FreelanceCallOptions & { readonly broadcast: true },
            ]
          ): ContractCall<BroadcastReport>;
          (
            ...args: [...data: ContractArguments<Sent>, options?: FreelanceCallOptions]
          ): ContractCall<void>;
        };
      }[Kind]
    : never;

/**
 * How the data is passed to a `ContractMethod`: as one argument, which may be left out if the entry takes none.
 *
 * @typeParam Sent what the entry takes; `void` for nothing
 */
// `any` extends all types: an entry that takes it does take something.
export type ContractArguments<Sent> = [Sent] extends [void]
  ? unknown extends Sent
    ? [data: Sent]
    : [data?: undefined]
  : [data: Sent];

/**
 * Makes the calls of a contract on a client. `ContractsModule` does it for injection.
 *
 * ```ts
 * const orders = contractClient(ordersContract, new FreelanceClientProxy({ endpoints }));
 * const receipt = await orders.place({ item: 'tea', count: 2 }, { timeout: 800 });
 * for await (const order of orders.list({ since: 7 })) await store(order);
 * ```
 *
 * A call throws `BAD_OPTIONS` at once if its options are wrong; all other errors are those of `send`, `emit` and `iterate`.
 * Errors of an entry's schemas are `ContractError`s.
 *
 * @param contract as `contract` returns it
 * @param proxy calls the servers, and is closed by whoever made it. Another `ClientProxy` of Nest takes no options, and its streams
 *   have no backpressure
 * @throws FreelanceError `BAD_OPTIONS` if either is something else
 */
export function contractClient<Of extends Contract>(
  contract: Of,
  proxy: Pick<ClientProxy, 'send' | 'emit'>,
): ContractClient<Of> {
  checkContract('contractClient', contract);
  if (!isCaller(proxy)) {
    throw badOptions(
      `contractClient: the contract ${contract.name} needs a FreelanceClientProxy, or another ClientProxy of Nest, but got ` +
        shown(proxy),
    );
  }
  const methods = Object.keys(contract.entries).map((key) => [
    key,
    methodOf(contract, key, new EntryCaller(contract, key, proxy)),
  ]);
  // Not frozen: tests spy on its methods.
  return Object.fromEntries(methods) as ContractClient<Of>;
}

/** By its members: a test may pass what it likes, and an app may have two copies of Nest. */
function isCaller(value: unknown): value is Caller {
  const { send, emit } = Object(value) as Partial<Record<string, unknown>>;
  return typeof send === 'function' && typeof emit === 'function';
}

function methodOf({ name, entries }: Contract, key: string, caller: EntryCaller): unknown {
  const kind = entries[key]?.kind ?? 'rpc';
  const method = (data: unknown, options?: FreelanceCallOptions) => caller[kind](data, options);
  // For stack traces, and those who print a client.
  return Object.defineProperty(method, 'name', { value: `${name}.${key}` });
}
