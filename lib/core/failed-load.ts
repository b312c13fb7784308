import { DECAY_MS } from './peak-ewma.js';

/** In calls: less than this counts as none. */
const NEXT_TO_NOTHING = 0.001;

/**
 * Recently failed calls, counted as load until a success would have ended, so that a server that fails at once does not
 * look idle. A call that fails after `ms`, where a success takes `M`, was one call in flight for `ms`, and then counts as
 * `1 − ms/M` of one, decaying with time constant `M`: `M` in all, like a success.
 */
export class FailedLoad {
  #load = 0;
  #asOf = 0;

  get isEmpty(): boolean {
    return this.#load === 0;
  }

  /** @param expectedMs how long a success takes there, if known */
  failed(afterMs: number, expectedMs: number | undefined, now: number): void {
    const left = expectedMs === undefined ? 1 : 1 - Math.min(afterMs / (expectedMs || 1), 1);
    this.#load = this.at(now, expectedMs) + left;
    this.#asOf = now;
  }

  at(now: number, expectedMs: number | undefined): number {
    const load = this.#load * Math.exp(-(now - this.#asOf) / ((expectedMs ?? DECAY_MS) || 1));
    // Most servers have no failed load, and each pick asks every server.
    if (load < NEXT_TO_NOTHING) this.#load = 0;
    return load;
  }
}
