import type { FreelanceClientOptions } from 'nestjs-freelance';

/** How a client finds its servers. */
export type Whereabouts =
  | { readonly endpoints: readonly string[] }
  /** An address with a name, for `dnsEndpoints`. */
  | { readonly dns: string }
  /** A name of SRV records, for `srvEndpoints`. */
  | { readonly srv: string };

/** The load by which is judged, of calls that may run twice, and one of calls that may not. */
export type Loads<T> = readonly [idempotent: T, atMostOnce: T];

/** The one argument of a client, as JSON. */
export interface ClientArguments {
  readonly servers: Whereabouts;
  readonly options: Partial<Omit<FreelanceClientOptions, 'endpoints'>>;
  readonly loads: Loads<LoadArguments>;
}

/** Calls at a fixed rate. */
export interface LoadArguments {
  /** One that no other load has. */
  readonly number: number;
  readonly perSecond: number;
  readonly isIdempotent: boolean;
  /** Bytes that each call carries beyond its id. */
  readonly padding: number;
}

/** What a client is told, a line of JSON each; it answers each with one line. */
export type ClientOrder =
  /** Begins a new `since` of each load. */
  | { readonly order: 'mark' }
  | { readonly order: 'report' }
  /** No more calls: answered with a report once the last one has ended. */
  | { readonly order: 'stop' };

export interface ClientReport {
  readonly loads: Loads<LoadReport>;
  /** What `client.stats()` says of each endpoint. */
  readonly endpoints: Readonly<Record<string, string>>;
}

export interface LoadReport {
  readonly started: number;
  readonly answered: number;
  /** How many calls failed, by their code. */
  readonly failed: Readonly<Record<string, number>>;
  /** The messages of the first failures. */
  readonly examples: readonly string[];
  readonly since: SinceMark;
}

/** Of calls that were made after the mark. Times are `Date.now()`: all hosts share one clock. */
export interface SinceMark {
  readonly answered: number;
  /** The longest wait for an answer, in ms. */
  readonly worstMs: number;
  readonly servers: Readonly<Record<string, ServerSinceMark>>;
}

export interface ServerSinceMark {
  readonly answered: number;
  readonly firstAnsweredAt: number;
  /** When the call was made that it answered last. */
  readonly lastCalledAt: number;
}
