import type { Observable } from 'rxjs';
import type { FreelanceContext } from '../nest/server/freelance-context.js';
import type { Contract } from './contract.js';
import type { ContractEntry } from './entries.js';

/**
 * What a controller has to have to implement a contract: a method for each entry.
 *
 * Each is declared as a property with a function type, not as a method: only then does the compiler check its parameters
 * strictly (`strictFunctionTypes`). Parameters after the first two are for those that are decorated.
 */
export type ContractHandlers<Of extends Contract> = {
  readonly [Name in keyof Of['entries']]: Handler<Of['entries'][Name]>;
};

type Handler<Entry> =
  Entry extends ContractEntry<infer Kind, unknown, infer Received, infer Result>
    ? (data: Received, context: FreelanceContext, ...decorated: never[]) => Returned<Result>[Kind]
    : never;

interface Returned<Result> {
  readonly rpc: OneOf<Result>;
  readonly stream: ManyOf<Result> | Promise<ManyOf<Result>>;
  readonly event: unknown;
}

type OneOf<Result> = Result | Promise<Result | Observable<Result>> | Observable<Result>;

type ManyOf<Value> = AsyncIterable<Value> | Observable<Value>;
