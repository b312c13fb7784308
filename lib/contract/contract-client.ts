import type { Observable } from 'rxjs';
import type { BroadcastReport } from '../nest/client/broadcast-report.js';
import type { FreelanceCallOptions } from '../nest/client/freelance-call-options.js';
import type { Contract } from './contract.js';
import type { ContractEntry } from './entries.js';

/** The calls of a contract, by the names of its entries. */
export type ContractClient<Of extends Contract> = {
  readonly [Name in keyof Of['entries']]: Method<Of['entries'][Name]>;
};

type Method<Entry> =
  Entry extends ContractEntry<infer Kind, infer Sent, unknown, infer Result>
    ? Methods<Arguments<Sent>, Result>[Kind]
    : never;

/** An entry to which nothing is passed can be called without it. */
type Arguments<Sent> = [Sent] extends [void] ? [data?: undefined] : [data: Sent];

interface Methods<Data extends unknown[], Result> {
  readonly rpc: (
    ...args: [...data: Data, options?: Omit<FreelanceCallOptions, 'broadcast'>]
  ) => ContractCall<Result>;
  readonly stream: (
    ...args: [...data: Data, options?: FreelanceCallOptions]
  ) => ContractStream<Result>;
  readonly event: EventMethod<Data>;
}

interface EventMethod<Data extends unknown[]> {
  (
    ...args: [...data: Data, options: FreelanceCallOptions & { readonly broadcast: true }]
  ): ContractCall<BroadcastReport>;
  (...args: [...data: Data, options?: FreelanceCallOptions]): ContractCall<void>;
}

/** To become a class in a file of its own. */
export interface ContractCall<Result> extends Observable<Result>, Promise<Result> {}

/** To become a class in a file of its own. */
export interface ContractStream<Value> extends Observable<Value>, AsyncIterable<Value> {}
