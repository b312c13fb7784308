import type { Clock } from '../../agents/clock.js';
import { deliver } from '../../sockets/deliver.js';

interface Delayed {
  readonly dueAt: number;
  readonly run: () => void;
}

/** Lets things happen later, in order. */
export class DelayLine {
  readonly #clock: Clock;
  readonly #waiting: Delayed[] = [];
  #ms = 0;
  #cancelTimer = () => {};
  #hasEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For what comes from now on. With 0 it happens at once, but not before what waits already. */
  delayBy(ms: number): void {
    this.#ms = ms;
  }

  pass(run: () => void): void {
    if (this.#hasEnded) return;
    if (this.#ms === 0 && this.#waiting.length === 0) return run();
    const latest = this.#waiting.at(-1)?.dueAt ?? 0;
    this.#waiting.push({ dueAt: Math.max(this.#clock.now() + this.#ms, latest), run });
    if (this.#waiting.length === 1) this.#wait();
  }

  /** For good: what waits does not happen. */
  end(): void {
    this.#hasEnded = true;
    this.#waiting.length = 0;
    this.#cancelTimer();
  }

  #wait(): void {
    this.#cancelTimer();
    const [first] = this.#waiting;
    if (!first) return;
    const ms = Math.max(first.dueAt - this.#clock.now(), 0);
    this.#cancelTimer = this.#clock.after(ms, () => this.#arrived());
  }

  #arrived(): void {
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      // A timer of Node may be early by a fraction of a millisecond.
      if (next.dueAt > this.#clock.now()) break;
      this.#waiting.shift();
      deliver(next.run);
    }
    this.#wait();
  }
}
