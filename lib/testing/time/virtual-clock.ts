import type { Clock } from '../../agents/clock.js';
import { inNobodysContext } from '../../async-context.js';
import { type Deadline, DeadlineQueue, NOT_QUEUED } from '../../core/deadline-queue.js';
import { setImmediate } from '../../node-timers.js';
import { deliver } from '../../sockets/deliver.js';
import type { EventLoop } from './event-loop.js';

interface Timer extends Deadline {
  readonly run: () => void;
}

/** A clock that stands still, unless it is advanced. What is due already runs in the next turn of the event loop. */
export class VirtualClock implements Clock {
  readonly #loop: EventLoop;
  readonly #timers = new DeadlineQueue<Timer>();
  #now = 0;
  #isAdvancing = false;
  #isPlanned = false;
  #isStopped = false;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { dueAt: 0, heapIndex: NOT_QUEUED, run };
    this.#timers.add(timer, this.#now + Math.max(ms, 0));
    this.#plan();
    return () => this.#timers.remove(timer);
  }

  /**
   * Runs what falls due meanwhile, in order, each at its time. Before, between and after, the event loop turns until no message
   * is on its way.
   *
   * @throws Error while it advances already, and once it is stopped
   */
  async advance(ms: number): Promise<void> {
    if (this.#isStopped) throw new Error(STOPPED);
    if (this.#isAdvancing) throw new Error(ADVANCES);
    this.#isAdvancing = true;
    try {
      const until = this.#now + ms;
      await this.#loop.settle();
      for (;;) {
        const due = this.#timers.takeDue(until);
        if (!due) break;
        this.#now = Math.max(this.#now, due.dueAt);
        fire(due);
        await this.#loop.settle();
      }
      if (!this.#isStopped) this.#now = until;
    } finally {
      this.#isAdvancing = false;
      this.#plan();
    }
  }

  /** To be called when no timer is left: an advance that runs ends there. */
  stop(): void {
    this.#isStopped = true;
  }

  #plan(): void {
    if (this.#isPlanned || this.#isAdvancing || this.#timers.nextDueAt > this.#now) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      const due = this.#isAdvancing ? undefined : this.#timers.takeDue(this.#now);
      if (due) fire(due);
      this.#plan();
    });
  }
}

/** A timer belongs to nobody's async context, least of all that of the test. */
function fire(timer: Timer): void {
  inNobodysContext(() => deliver(timer.run));
}

const ADVANCES =
  'The clock of this testbed is being advanced already: await one advance() before the next, and call none in a handler.';

const STOPPED = 'This testbed is closed: its clock stands still.';
