import { clearTimeout, monotonicNow, setTimeout } from '../node-timers.js';

/** Time, as the sockets measure it; an argument where tests have one of their own. */
export interface Clock {
  /** In ms; never goes back. */
  now(): number;
  /** Runs once after that many ms. @returns cancels it */
  after(ms: number, run: () => void): () => void;
}

/** Whether the process goes on the sockets say, and no timer. */
export const nodeClock: Clock = {
  now: monotonicNow,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
