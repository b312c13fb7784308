import { DECAY_MS } from './peak-ewma.js';

/** In calls. */
const NEXT_TO_NOTHING = 0.001;

/**
 * Failed calls, as if they still ran: each counts until a success would have ended. So a server that fails at once
 * is not taken for an idle one: for a call that fails after `ms` where a success takes `M`, it holds
 * `ms` of a place in the line, and then `1 − ms/M` of one, decaying with the constant `M`: `M` in all, like a success.
 */
export class FailedLoad {
  #load = 0;
  #asOf = 0;

  get isEmpty(): boolean {
    return this.#load === 0;
  }

  /** @param expectedMs what a success there takes, if that is known */
  failed(afterMs: number, expectedMs: number | undefined, now: number): void {
    const left = expectedMs === undefined ? 1 : 1 - Math.min(afterMs / (expectedMs || 1), 1);
    this.#load = this.at(now, expectedMs) + left;
    this.#asOf = now;
  }

  at(now: number, expectedMs: number | undefined): number {
    const load = this.#load * Math.exp(-(now - this.#asOf) / ((expectedMs ?? DECAY_MS) || 1));
    // Most servers have none: the pick is on every call's way.
    if (load < NEXT_TO_NOTHING) this.#load = 0;
    return load;
  }
}
