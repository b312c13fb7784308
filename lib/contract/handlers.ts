import type { Observable } from 'rxjs';
import type { FreelanceContext } from '../nest/server/freelance-context.js';
import type { Contract } from './contract.js';
import type { ContractEntry } from './entries.js';

/**
 * What a controller has to have to implement a contract: a method for each entry.
 *
 * Each is declared as a property with a function type, not as a method: only then does the compiler check its parameters
 * strictly (`strictFunctionTypes`). Parameters after the first two are for those that are decorated.
 *
 * @typeParam Of the type of the contract: `class Orders implements ContractHandlers<typeof orders>`
 */
export type ContractHandlers<Of extends Contract> = {
  readonly [Name in keyof Of['entries']]: ContractHandler<Of['entries'][Name]>;
};

/**
 * The handler of one entry. That of an `rpc` returns its result, or a Promise or an Observable of it; that of a `stream`, an
 * async iterable or an Observable of its values, or a Promise of one. What the handler of an `event` returns is dropped.
 *
 * @typeParam Entry the type of the entry: `(typeof orders)['entries']['place']`
 */
export type ContractHandler<Entry> =
  Entry extends ContractEntry<infer Kind, unknown, infer Received, infer Result>
    ? (
        data: Received,
        context: FreelanceContext,
        ...decorated: never[]
      ) => {
        /** One result. */
        readonly rpc: Result | Promise<Result | Observable<Result>> | Observable<Result>;
        /** Any number of values. */
        readonly stream:
          | AsyncIterable<Result>
          | Observable<Result>
          | Promise<AsyncIterable<Result> | Observable<Result>>;
        /** Dropped. */
        readonly event: unknown;
      }[Kind]
    : never;
