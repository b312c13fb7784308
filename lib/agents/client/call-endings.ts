import type { FreelanceError, FreelanceErrorCode } from '../../core/freelance-error.js';
import type { Pool } from '../../core/pool.js';
import type { Clock } from '../clock.js';
import type { AttemptEnd } from './call-contract.js';
import type { CallNotifications } from './call-notifications.js';
import type { Attempt, Call, Server } from './call.js';
import type { CallErrorKind } from './client-stats.js';
import { describeFailure } from './describe-failure.js';
import type { OpenCalls } from './open-calls.js';
import type { ServerOrigin } from './server-origin.js';
import type { WaitingCalls } from './waiting-calls.js';

export interface CallEndingsDeps {
  readonly pool: Pool<Server>;
  readonly clock: Clock;
  readonly notifications: CallNotifications;
  readonly open: OpenCalls;
  readonly waiting: () => WaitingCalls;
  /** Who names the servers; undefined if they are listed. */
  readonly origin?: ServerOrigin | undefined;
}

/** Ends calls: takes each off every list, ends its attempts, and counts it. Tells the caller of failures. */
export class CallEndings {
  readonly #deps: CallEndingsDeps;

  constructor(deps: CallEndingsDeps) {
    this.#deps = deps;
  }

  /** The attempt has answered all that was asked. */
  answered(call: Call, attempt: Attempt, now: number): void {
    call.hasCompleted = true;
    call.meter.answered(now - call.startedAt);
    this.#end(call, now, 'abandoned', attempt, 'completed');
  }

  /** The attempt has answered with an error, which the caller is still to be told. */
  answeredWithError(call: Call, attempt: Attempt, now: number): void {
    this.#count(call, 'HANDLER', now);
    this.#end(call, now, 'abandoned', attempt, 'failed');
  }

  /** Nobody waits for it any more. */
  cancelled(call: Call, now: number): void {
    call.meter.cancelled();
    this.#end(call, now, 'abandoned');
  }

  /** @param how its attempts end that are in flight */
  failed(
    call: Call,
    error: FreelanceErrorCode | FreelanceError,
    how: AttemptEnd = 'abandoned',
  ): void {
    const { clock, notifications, pool, origin } = this.#deps;
    const now = clock.now();
    const isCode = typeof error === 'string';
    this.#count(call, isCode ? error : error.code, now);
    this.#end(call, now, how);
    const told = isCode
      ? describeFailure(error, call.only ? [call.only] : pool.members, origin, call, now)
      : error;
    notifications.error(call, told);
  }

  #count({ meter, startedAt }: Call, kind: CallErrorKind, now: number): void {
    meter.failed(kind, now - startedAt);
  }

  #end(call: Call, now: number, how: AttemptEnd, answered?: Attempt, answeredHow = how): void {
    const { open, waiting } = this.#deps;
    open.remove(call);
    waiting().forget(call);
    for (let attempt = call.finish(); attempt; attempt = attempt.previous)
      attempt.link.end(attempt, attempt === answered ? answeredHow : how, now);
  }
}
