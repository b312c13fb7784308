import type { Metadata } from '../../protocol/headers.js';
import type { FreelanceContext } from '../server/freelance-context.js';

/** When a call is also sent to further servers, while the earlier ones may still answer. */
export interface HedgeOptions {
  /** How long to wait for a first value before the call goes to one more server, in ms. At least 0, which is at once. */
  readonly after: number;
  /** How many more servers may get it. A whole number, at least 1; `Infinity` for all. @default 1 */
  readonly max?: number | undefined;
}

/** The options of one call, which override those of the client. `FreelanceRecordBuilder` checks and sets them. */
export interface FreelanceCallOptions {
  /** As set by `setMetadata`. @default the client's option `metadata` */
  readonly metadata?: Metadata | undefined;
  /** As set by `setTimeout`, in ms. @default the client's option `timeout` */
  readonly timeout?: number | undefined;
  /** As set by `setMaxAttempts`. @default the client's option `maxAttempts` */
  readonly maxAttempts?: number | undefined;
  /** As set by `setIdempotent`. @default the client's option `idempotent` */
  readonly idempotent?: boolean | undefined;
  /** As set by `setRoutingKey`. @default none */
  readonly routingKey?: string | undefined;
  /** As set by `setHedge`. @default none */
  readonly hedge?: HedgeOptions | undefined;
  /** As set by `setBroadcast`. @default false */
  readonly broadcast?: boolean | undefined;
  /** As set by `setSignal`. @default none */
  readonly signal?: AbortSignal | undefined;
  /** As set by `setParent`. @default none */
  readonly parent?: FreelanceContext | undefined;
}
