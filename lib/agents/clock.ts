import { clearTimeout, monotonicNow, nextTick, setTimeout } from '../node-timers.js';

/** Time, chance and turns, as the agents get them. Simulations bring their own. */
export interface Environment {
  readonly clock: Clock;
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number;
  /** Runs once all that can run in this turn of the event loop has run. */
  readonly atTurnEnd: (run: () => void) => void;
}

export interface Clock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Runs once after that many ms. Returns the way to call it off. */
  after(ms: number, run: () => void): () => void;
}

export const systemEnvironment: Environment = {
  clock: {
    now: monotonicNow,
    after(ms, run) {
      // Node takes a delay beyond 2^31 - 1 for 1 ms; waking up early is harmless.
      const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
  },
  random: Math.random,
  // Before the loop waits for what is new; of what a message brings, after all its promise jobs.
  atTurnEnd: nextTick,
};
