import type { CallOutcome, LoadClock } from '../../../lib/cli/bench/load.js';
import { ManualClock } from '../../support/manual-clock.js';

/** How much time one turn of the event loop takes here, in ms. */
const TURN_MS = 0.05;

/** Time for loads, which moves only when the test says so: turns of the event loop included. */
export class ManualLoadClock extends ManualClock implements LoadClock {
  soon(run: () => void): void {
    this.after(TURN_MS, run);
  }
}

/** A call that waits for the test, or for the server, to end it. */
export interface BegunCall {
  readonly begunAt: number;
  readonly end: (outcome: CallOutcome) => void;
}

export const ANSWERED: CallOutcome = { type: 'answered' };

/** A server that answers each call after a while; while it stands still it answers nothing. */
export class ManualServer {
  readonly calls: BegunCall[] = [];
  cancelled = 0;
  /** Are told of each call. */
  begins = () => {};
  ends = () => {};
  #standsStillUntil = 0;
  readonly #clock: ManualLoadClock;
  readonly #answerMs: number;

  constructor(clock: ManualLoadClock, answerMs: number) {
    this.#clock = clock;
    this.#answerMs = answerMs;
  }

  standStill(ms: number): void {
    this.#standsStillUntil = this.#clock.now() + ms;
  }

  readonly begin = (end: (outcome: CallOutcome) => void): (() => void) => {
    const begunAt = this.#clock.now();
    this.calls.push({ begunAt, end });
    this.begins();
    const wait = Math.max(this.#standsStillUntil - begunAt, 0) + this.#answerMs;
    const cancel = this.#clock.after(wait, () => {
      this.ends();
      end(ANSWERED);
    });
    return () => {
      this.cancelled++;
      cancel();
    };
  };
}
