import type { FreelanceErrorCode } from '../../core/freelance-error.js';
import type { Pool } from '../../core/pool.js';
import type { Clock } from '../clock.js';
import type { Judge } from './call-contract.js';
import type { CallNotifications } from './call-notifications.js';
import type { Attempt, Server } from './call.js';
import { describeFailure } from './describe-failure.js';

export interface VerdictsDeps {
  readonly pool: Pool<Server>;
  readonly clock: Clock;
  readonly notifications: CallNotifications;
  /** A question to the user's code: whether the server is to blame for what a call failed with, as its caller gets it. */
  readonly isFailure: (error: unknown) => boolean;
}

/** Judges whether servers are to blame for failed calls: the one place that asks the user's `isFailure`. */
export class Verdicts {
  readonly #deps: VerdictsDeps;

  constructor(deps: VerdictsDeps) {
    this.#deps = deps;
  }

  /** The server has answered with that. */
  answered(attempt: Attempt, error: unknown, now: number): void {
    attempt.link.judge(attempt, this.#deps.isFailure(error), true, now);
  }

  /** The server has answered with an error of which it is not known yet what the caller gets. */
  whenKnown(attempt: Attempt): Judge {
    const { clock, notifications } = this.#deps;
    return (error) => notifications.within(() => this.answered(attempt, error, clock.now()));
  }

  /** The server has answered with what cannot be read. */
  unreadable(attempt: Attempt, now: number): void {
    this.answered(attempt, this.#failure('PROTOCOL', attempt, now), now);
  }

  /** The attempt had no answer in time. A server that is silent says nothing of how it does what it is asked. */
  tooSlow(attempt: Attempt, now: number): void {
    const { link, sentAt } = attempt;
    if (link.isOverdue(now)) return;
    // Not all that fail may rest: those that are still used are to be chosen rarely.
    link.isSlowerThan(now - sentAt, now);
    const isFailure = this.#deps.isFailure(this.#failure('ETIMEDOUT', attempt, now));
    link.judge(attempt, isFailure, false, now);
  }

  #failure(code: FreelanceErrorCode, { call }: Attempt, now: number): unknown {
    return describeFailure(code, this.#deps.pool.members, undefined, call, now);
  }
}
