import { clearTimeout, setTimeout } from '../../node-timers.js';

export interface Clock {
  /** Runs once after that many ms. @returns cancels it */
  after(ms: number, run: () => void): () => void;
}

/** Whether the process goes on the sockets say, and no timer. */
export const nodeClock: Clock = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
