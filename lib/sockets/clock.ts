import { clearTimeout, monotonicNow, setTimeout } from '../node-timers.js';

/** The clock of the sockets. It is an argument where tests have their own. */
export interface Clock {
  /** In ms; monotonic. */
  now(): number;
  /** Runs `run` once, after that many ms. @returns cancels it */
  after(ms: number, run: () => void): () => void;
}

/** Its timers do not keep the process alive: sockets do. */
export const nodeClock: Clock = {
  now: monotonicNow,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
