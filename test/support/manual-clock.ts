import type { Clock } from '../../lib/agents/clock.js';

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A clock that advances only when a test says so. */
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

  /** Advances time and runs whatever falls due, each at its time. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let timer = this.#earliest(until); timer; timer = this.#earliest(until)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.dueAt);
      timer.run();
    }
    this.#now = until;
  }

  /** The process is stalled: time advances, and whatever fell due runs afterwards, late. */
  stall(ms: number): void {
    this.freeze(ms);
    this.advance(0);
  }

  /** Time advances, and whatever fell due has not run yet. */
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
