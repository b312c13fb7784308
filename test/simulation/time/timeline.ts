import { EventQueue, type Happening } from './event-queue.js';

/**
 * Turns of the microtask queue after each step. The promise chains of the agents are half as long, so a step is over before
 * the next one begins, like a turn of an event loop.
 */
const MICROTASK_TURNS = 4;

const TURN = Promise.resolve();

/** Virtual time, which advances from one event to the next. */
export class Timeline {
  readonly #queue = new EventQueue();
  readonly #soon: (() => void)[] = [];
  #turnEnds: (() => void)[] = [];
  #now = 0;
  #steps = 0;

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  get steps(): number {
    return this.#steps;
  }

  at(moment: number, run: () => void): Happening {
    return this.#queue.add(Math.max(moment, this.#now), run);
  }

  in(ms: number, run: () => void): Happening {
    return this.#queue.add(this.#now + ms, run);
  }

  /** Right after the code that runs now, in the same step. */
  soon(run: () => void): void {
    this.#soon.push(run);
  }

  /** In the same step, after everything else in it, and its promise jobs. */
  atTurnEnd(run: () => void): void {
    this.#turnEnds.push(run);
  }

  /**
   * Runs events up to a certain time.
   *
   * @param afterStep returns whether to continue
   */
  async runUntil(moment: number, afterStep: () => boolean): Promise<void> {
    while (this.#queue.nextAt <= moment) {
      const happening = this.#queue.take();
      if (!happening?.run) continue;
      this.#now = happening.at;
      this.#steps++;
      happening.run();
      do {
        for (let turn = 0; turn < MICROTASK_TURNS; turn++) {
          this.#runSoon();
          await TURN;
        }
      } while (this.#endTurn());
      if (!afterStep()) return;
    }
    this.#now = moment;
  }

  /** @returns whether that has created work */
  #endTurn(): boolean {
    if (this.#turnEnds.length === 0) return false;
    const ends = this.#turnEnds;
    this.#turnEnds = [];
    for (const run of ends) run();
    return true;
  }

  #runSoon(): void {
    for (let run = this.#soon.shift(); run; run = this.#soon.shift()) run();
  }
}
