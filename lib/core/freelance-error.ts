import { shareInstances } from './shared-instances.js';

/**
 * Why a call, or a client, failed. What a handler throws is never one of these: it arrives as Nest
 * delivers it.
 *
 * | code | what happened | did the call run? |
 * |---|---|---|
 * | `ECONNREFUSED` | no server could be reached within `connectTimeout` | no, unless `attempts` names one that was lost or did not answer |
 * | `ETIMEDOUT` | no answer within the attempts, or not all values by the deadline | perhaps |
 * | `ECONNRESET` | the server was lost after it got the call, and the call may not be sent again | perhaps |
 * | `OVERLOADED` | every live server refused twice or had no room within `connectTimeout`, or `maxPending` calls are open already | as `ECONNREFUSED` |
 * | `EMSGSIZE` | its data is more than `maxMessageSize` allows, here or at the server, or its pattern and metadata more than 16 KiB | as `ECONNREFUSED` |
 * | `CANCELLED` | the call's signal aborted, or its parent's | perhaps |
 * | `CLOSED` | the client was closed | perhaps |
 * | `STREAM_BROKEN` | the server was lost after its first value | in part |
 * | `UNAUTHORIZED` | every server refuses this client: its key, certificate or password is not authorized there, or its `security` is not theirs; or it refuses their certificates | as `ECONNREFUSED` |
 * | `PROTOCOL` | the answer cannot be read | yes |
 * | `BROADCAST` | some servers failed a broadcast, or were not reached; `failed` says which, and why | at the others |
 * | `BAD_OPTIONS` | an option is wrong; the message names it, its bound and the value | as `ECONNREFUSED` |
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
  | 'BAD_OPTIONS';

/** One try of a call: which server it was given to, and how that ended. */
export interface AttemptReport {
  /** The server's address. */
  readonly endpoint: string;
  /** How it ended, in a few words for people: `no answer within 5000 ms`. */
  readonly outcome: string;
}

/** A server that a broadcast did not reach, or that failed it. */
export interface BroadcastFailure {
  /** The server's address. */
  readonly endpoint: string;
  /** Why, in a few words for people: `dead (the connection was refused)`. */
  readonly reason: string;
  /** A `FreelanceError`, or what the server answered. */
  readonly error: unknown;
}

/** What an error knows beside its code and its message. */
export interface FreelanceErrorOptions extends ErrorOptions {
  /** Of a `BROADCAST`, the servers that it did not reach, and those that failed it. @default none */
  readonly failed?: readonly BroadcastFailure[] | undefined;
  /** How many servers may have run the call. @default 0 */
  readonly mayHaveRun?: number | undefined;
}

/** The only error class of this library. Tell its cases apart by `code`. */
export class FreelanceError extends Error {
  static {
    shareInstances(this, 'FreelanceError');
  }

  /** Always `FreelanceError`. */
  override readonly name = 'FreelanceError';
  /** Of a `BROADCAST`, the servers that it did not reach, and those that failed it; else empty. */
  readonly failed: readonly BroadcastFailure[];

  /**
   * How many servers may have run the call: those that it was sent to, and that neither refused it nor were lost before it
   * left this process. 0: it is certain that it did not run.
   */
  readonly mayHaveRun: number;

  constructor(
    /** What happened. */
    readonly code: FreelanceErrorCode,
    message: string,
    /**
     * Every try of the call that has failed, in order, of very many the latest 64; empty where none was made.
     * Of a broadcast, the servers that failed.
     */
    readonly attempts: readonly AttemptReport[] = [],
    { failed = [], mayHaveRun = 0, ...options }: FreelanceErrorOptions = {},
  ) {
    super(message, options);
    this.failed = failed;
    this.mayHaveRun = mayHaveRun;
  }
}
