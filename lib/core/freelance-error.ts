import { shareInstances } from './shared-instances.js';

/**
 * Why a call, or a client, failed. An error that a handler throws is never one of these: it arrives as Nest's other
 * transports deliver it.
 *
 * | code | what happened | did the call run? |
 * |---|---|---|
 * | `ECONNREFUSED` | no server could be reached within `connectTimeout` | no, unless `attempts` names a server that was lost or did not answer |
 * | `ETIMEDOUT` | no attempt was answered in time, or values are missing at the deadline | perhaps |
 * | `ECONNRESET` | the server was lost after it received the call, and the call may not be sent again | perhaps |
 * | `OVERLOADED` | every live server refused twice or had no room within `connectTimeout`, or `maxPending` calls are open already | as `ECONNREFUSED` |
 * | `EMSGSIZE` | its data exceeds `maxMessageSize`, here or at the server, or its pattern and metadata exceed 16 KiB | as `ECONNREFUSED` |
 * | `CANCELLED` | the signal of the call, or of its parent call, was aborted | perhaps |
 * | `CLOSED` | the client was closed | perhaps |
 * | `STREAM_BROKEN` | the server was lost after its first value | in part |
 * | `UNAUTHORIZED` | every server refuses this client (its key, certificate or password is not authorized there, or their `security` differs), or the client refuses their certificates | as `ECONNREFUSED` |
 * | `PROTOCOL` | the reply cannot be decoded | yes |
 * | `BROADCAST` | some servers failed a broadcast or were not reached; `failed` says which, and why | at the others |
 * | `BALANCER` | the client's own `balancer` threw an error, the `cause`, or returned none of the servers it was given | as `ECONNREFUSED` |
 * | `BAD_OPTIONS` | an option is invalid; the message names it, its bound and the value | as `ECONNREFUSED` |
 */
export type FreelanceErrorCode =
  | 'ECONNREFUSED'
  | 'ETIMEDOUT'
  | 'ECONNRESET'
  | 'OVERLOADED'
  | 'EMSGSIZE'
  | 'CANCELLED'
  | 'CLOSED'
  | 'STREAM_BROKEN'
  | 'UNAUTHORIZED'
  | 'PROTOCOL'
  | 'BROADCAST'
  | 'BALANCER'
  | 'BAD_OPTIONS';

/** One attempt of a call: its server, and how it ended. */
export interface AttemptReport {
  /** The server's address. */
  readonly endpoint: string;
  /** The name under which a discovery has found it; absent without one. */
  readonly name?: string;
  /** How it ended, in a few words for people: `no answer within 5000 ms`. */
  readonly outcome: string;
}

/** A server that failed a broadcast or was not reached by it. */
export interface BroadcastFailure {
  /** The server's address. */
  readonly endpoint: string;
  /** Why, in a few words for people: `dead (the connection was refused)`. */
  readonly reason: string;
  /** A `FreelanceError`, or the error that the server answered with. */
  readonly error: unknown;
}

/** What an error carries besides its code and message. */
export interface FreelanceErrorOptions extends ErrorOptions {
  /** For `BROADCAST`: the servers that failed it or were not reached. @default none */
  readonly failed?: readonly BroadcastFailure[] | undefined;
  /** How many servers may have run the call. @default 0 */
  readonly mayHaveRun?: number | undefined;
}

/**
 * What a call, a client or a server fails with, unless a handler threw the error. Tell its cases apart by `code`. (Contracts add
 * one more class, `ContractError`, for what their schemas refuse.)
 *
 * ```ts
 * client.send('charge', order).subscribe({
 *   error: (error: unknown) => {
 *     if (error instanceof FreelanceError && error.mayHaveRun === 0) console.log('Nothing was charged.');
 *   },
 * });
 * ```
 *
 * `instanceof` also knows the errors of another copy of this package.
 */
export class FreelanceError extends Error {
  static {
    shareInstances(this, 'FreelanceError');
  }

  /** Always `FreelanceError`. */
  override readonly name = 'FreelanceError';
  /** For `BROADCAST`: the servers that failed it or were not reached; otherwise empty. */
  readonly failed: readonly BroadcastFailure[];

  /**
   * How many servers may have run the call: those that it was sent to, except those that refused it and those that were
   * lost before it left this process. 0 means that it certainly did not run.
   */
  readonly mayHaveRun: number;

  /**
   * For tests, which may throw one in place of the library.
   *
   * @param message for people
   * @param options what else it carries: `failed`, `mayHaveRun`, and the `cause`
   */
  constructor(
    /** What happened. */
    readonly code: FreelanceErrorCode,
    message: string,
    /**
     * The failed attempts of the call, in order, at most the latest 64; empty if none was made. For a broadcast, the
     * servers that failed.
     */
    readonly attempts: readonly AttemptReport[] = [],
    options: FreelanceErrorOptions = {},
  ) {
    const { failed = [], mayHaveRun = 0, ...standard } = options;
    super(message, standard);
    this.failed = failed;
    this.mayHaveRun = mayHaveRun;
  }
}
