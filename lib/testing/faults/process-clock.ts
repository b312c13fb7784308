import type { Clock } from '../../agents/clock.js';
import type { Gate } from './gate.js';

/** The clock of a process that may be frozen: time goes on, but what falls due waits until the process runs again. */
export class ProcessClock implements Clock {
  readonly #clock: Clock;
  readonly #process: Gate;

  /** @param process open while the process runs */
  constructor(clock: Clock, process: Gate) {
    this.#clock = clock;
    this.#process = process;
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, run: () => void): () => void {
    let isCancelled = false;
    const cancelTimer = this.#clock.after(ms, () =>
      this.#process.pass(() => {
        if (!isCancelled) run();
      }),
    );
    return () => {
      isCancelled = true;
      cancelTimer();
    };
  }
}
