import { Hedging, NO_HEDGES } from '../../core/hedging.js';
import type { RetryBudget } from '../../core/retry-budget.js';
import type { Attempt, Call, Server } from './call.js';

export interface HedgesDeps {
  /**
   * A server for one more attempt of a call that is in flight; undefined if none is to be had. Where the ones before
   * are silent (`hedging.isRescue`), only one that is not.
   */
  pick(call: Call, now: number): Server | undefined;
}

/**
 * Sends calls to further servers while those before may still answer, and settles on who answers first: calls that
 * are to be hedged, and calls whose servers have fallen silent.
 */
export class Hedges {
  readonly #budget: RetryBudget;
  readonly #deps: HedgesDeps;
  #sent = 0;
  #won = 0;

  constructor(budget: RetryBudget, deps: HedgesDeps) {
    this.#budget = budget;
    this.#deps = deps;
  }

  get counts(): { sent: number; won: number } {
    return { sent: this.#sent, won: this.#won };
  }

  /** Sends the hedges of the call that are due. */
  send(call: Call, now: number): void {
    const { hedging } = call;
    // It is done if the balancer fails.
    while (!call.isDone) {
      if (!hedging?.isDue(now)) return;
      if (!call.mayRunTwice) {
        hedging.stop();
        return;
      }
      if (hedging.isRescue && !isAtSilentServers(call, now)) {
        hedging.noRescue(now);
        continue;
      }
      const link = this.#deps.pick(call, now);
      if (!link || !this.#budget.withdraw(now)) {
        hedging.postpone(now);
        return;
      }
      this.#sent++;
      link.send(call.attemptAt(link, now));
    }
  }

  /** The attempt is the first of its call to say something: nothing more is to be heard of the others. */
  answered(attempt: Attempt, now: number): void {
    const { call } = attempt;
    if (!call.hedging) return;
    if (attempt.isHedge) this.#won++;
    call.hedging = undefined;
    const losers = call.attempts.filter((other) => other !== attempt);
    for (const loser of losers) call.removeAttempt(loser);
    for (const loser of losers) loser.link.end(loser, 'outrun', now);
  }
}

/**
 * Whether it waits for its first value, and only from servers that leave their PINGs unanswered, and may go to one
 * more.
 */
export function mayBeRescued(call: Call, now: number): boolean {
  if (call.answered || call.only || call.handedOver >= call.request.maxAttempts) return false;
  return call.mayRunTwice && isAtSilentServers(call, now);
}

/** It is to go to one more server, for those that have it are silent. */
export function rescue(call: Call, dueAt: number): void {
  call.hedging ??= new Hedging(NO_HEDGES);
  for (const { link } of call.attempts) call.ensureHistory().triedAt(link.endpoint);
  call.hedging.rescue(dueAt);
}

function isAtSilentServers(call: Call, now: number): boolean {
  return call.attempts.every(({ link }) => link.isOverdue(now));
}
