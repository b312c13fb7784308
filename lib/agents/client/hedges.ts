import type { RetryBudget } from '../../core/retry-budget.js';
import type { Attempt } from './attempt.js';
import type { Call } from './call.js';
import type { ServerLink } from './server-link.js';

/**
 * A server for one more attempt of a call that is in flight; undefined if none is to be had. Where the ones before
 * are silent (`hedging.isRescue`), only one that is not.
 */
type PickHedge = (call: Call, now: number) => ServerLink | undefined;

/**
 * Sends calls to further servers while those before may still answer, and settles on who answers first: calls that
 * are to be hedged, and calls whose servers have fallen silent.
 */
export class Hedges {
  readonly #budget: RetryBudget;
  readonly #pick: PickHedge;
  #sent = 0;
  #won = 0;

  constructor(budget: RetryBudget, pick: PickHedge) {
    this.#budget = budget;
    this.#pick = pick;
  }

  get counts(): { sent: number; won: number } {
    return { sent: this.#sent, won: this.#won };
  }

  /** Sends the hedges of the call that are due. */
  send(call: Call, now: number): void {
    const { hedging } = call;
    while (!call.isDone) {
      if (!hedging?.isDue(now)) return;
      if (!call.mayRunTwice) {
        hedging.stop();
        return;
      }
      if (hedging.isRescue && !call.isAtSilentServers(now)) {
        hedging.noRescue(now);
        continue;
      }
      const link = this.#pick(call, now);
      // A balancer of the user's own may have failed.
      if (call.isDone) return;
      if (!link || !this.#budget.withdraw(now)) {
        hedging.postpone(now);
        return;
      }
      this.#sent++;
      link.send(call, now);
    }
  }

  /** The attempt is the first of its call to say something. */
  answered(attempt: Attempt, now: number): void {
    const { call } = attempt;
    if (!call.hedging || call.isDone) return;
    if (attempt.isHedge) this.#won++;
    for (const loser of call.settleOn(attempt)) loser.link.outrun(loser, now);
  }
}
