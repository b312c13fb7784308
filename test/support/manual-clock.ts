import type { Clock } from '../../lib/agents/clock.js';

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now: number;

  constructor(startsAt = 1000) {
    this.#now = startsAt;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { dueAt: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and runs on its way what falls due, each at its moment. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let timer = this.#earliest(until); timer; timer = this.#earliest(until)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.dueAt);
      timer.run();
    }
    this.#now = until;
  }

  /** The process stands still: time passes, and what fell due runs only afterwards, late. */
  stall(ms: number): void {
    this.freeze(ms);
    this.advance(0);
  }

  /** Time passes, and what fell due has not run yet. */
  freeze(ms: number): void {
    this.#now += ms;
  }

  #earliest(until: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= until && (!earliest || timer.dueAt < earliest.dueAt)) earliest = timer;
    }
    return earliest;
  }
}
