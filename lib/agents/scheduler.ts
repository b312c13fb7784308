import { type Deadline, DeadlineQueue } from '../core/deadline-queue.js';
import type { Clock } from './clock.js';

/** Something that an agent has to do later. */
export interface Task extends Deadline {
  run(now: number): void;
}

/** Called before and after tasks run. */
export interface EntryPoint {
  enter(): void;
  leave(): void;
}

const NO_ENTRY_POINT: EntryPoint = { enter() {}, leave() {} };

/** A timer that fires later than that, in ms, shows that the event loop was blocked. */
const STALLED_MS = 50;

/**
 * All that an agent has to do later, behind one timer.
 *
 * After a block of the event loop, timers fire before the messages that arrived during it are read. A late scheduler
 * therefore waits for one turn, so that the sockets are read first: what they bring may settle what seems overdue.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #entryPoint: EntryPoint;
  readonly #tasks = new DeadlineQueue<Task>();
  #cancelTimer = () => {};
  #firesAt = Infinity;
  #hasYielded = false;
  #isStopped = false;

  constructor(clock: Clock, entryPoint = NO_ENTRY_POINT) {
    this.#clock = clock;
    this.#entryPoint = entryPoint;
  }

  /** Puts the task at that moment, in place of the one it had. */
  schedule(task: Task, dueAt: number): void {
    if (dueAt === Infinity) this.#tasks.remove(task);
    else this.#tasks.add(task, dueAt);
    if (dueAt < this.#firesAt) this.#setTimer(dueAt);
  }

  cancel(task: Task): void {
    this.#tasks.remove(task);
  }

  /** For good, also if one of its tasks does this: nothing runs any more. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
  }

  #setTimer(dueAt: number): void {
    if (this.#isStopped) return;
    this.#cancelTimer();
    this.#firesAt = dueAt;
    const delay = Math.max(dueAt - this.#clock.now(), 0);
    this.#cancelTimer = this.#clock.after(delay, () => this.#fire());
  }

  #fire(): void {
    const now = this.#clock.now();
    const lateBy = now - this.#firesAt;
    this.#firesAt = Infinity;
    if (lateBy > STALLED_MS && !this.#hasYielded) {
      this.#hasYielded = true;
      this.#setTimer(now);
      return;
    }
    this.#hasYielded = false;
    this.#entryPoint.enter();
    try {
      while (!this.#isStopped) {
        const task = this.#tasks.takeDue(now);
        if (!task) break;
        task.run(now);
      }
    } finally {
      // After a task that throws, the others run at the next turn.
      if (this.#tasks.size > 0) this.#setTimer(this.#tasks.nextDueAt);
      this.#entryPoint.leave();
    }
  }
}
