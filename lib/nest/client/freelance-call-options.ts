import type { Metadata } from '../../protocol/headers.js';
import type { FreelanceContext } from '../server/freelance-context.js';

/** When a call is also sent to further servers, while the earlier ones may still answer. */
export interface HedgeOptions {
  /** How long to wait for a first value before the call goes to one more server, in ms. At least 0, which is at once. */
  readonly after: number;
  /** How many more servers may get it. A whole number, at least 1; `Infinity` for all. @default 1 */
  readonly max?: number | undefined;
}

/**
 * The options of one call or event, which override those of the client. `FreelanceRecordBuilder` sets them for `send`, `emit`
 * and `iterate`, and says more of each; the methods of a `ContractClient` take them as they are. A wrong one is `BAD_OPTIONS`.
 */
export interface FreelanceCallOptions {
  /** What the handler gets by `ctx.getMetadata()`; it overrides the same keys of the client's own. @default the client's option `metadata` */
  readonly metadata?: Metadata | undefined;
  /**
   * The deadline of the whole call, over all its attempts and values, in ms. At least 1; `Infinity` for none.
   *
   * @default the client's option `timeout`
   */
  readonly timeout?: number | undefined;
  /**
   * How many attempts may be sent, the first included. A whole number, at least 1.
   *
   * @default the client's option `maxAttempts`
   */
  readonly maxAttempts?: number | undefined;
  /** Whether the call may run twice. @default the client's option `idempotent` */
  readonly idempotent?: boolean | undefined;
  /** Calls with the same key go to the same server. Not empty. @default none: the client's `balancer` chooses */
  readonly routingKey?: string | undefined;
  /** Also sends the call to further servers if it is slow; the first answer wins. Needs `idempotent`. @default none */
  readonly hedge?: HedgeOptions | undefined;
  /** Sends the call to every server, once. @default false */
  readonly broadcast?: boolean | undefined;
  /** Cancels the call when it aborts: the call fails with `CANCELLED`. @default none */
  readonly signal?: AbortSignal | undefined;
  /**
   * The context of the handler that makes the call: the call ends when that one is aborted or past its deadline, and passes on
   * its trace context.
   *
   * @default none
   */
  readonly parent?: FreelanceContext | undefined;
}
