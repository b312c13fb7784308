import { type Deadline, DeadlineQueue } from '../core/deadline-queue.js';
import type { Clock } from './clock.js';

/** Something an agent has to do at a moment. */
export interface Task extends Deadline {
  run(now: number): void;
}

/** A timer that fires this much late, in ms, says that the event loop stood still. */
const STALLED_MS = 50;

/**
 * All that an agent has to do later, behind one timer.
 *
 * After the event loop stood still, timers run before the messages that came meanwhile are read. A
 * late agenda therefore lets the sockets speak first: what they say may settle what seems overdue.
 */
export class Agenda {
  readonly #clock: Clock;
  readonly #tasks = new DeadlineQueue<Task>();
  #cancelTimer = () => {};
  #firesAt = Infinity;
  #hasYielded = false;
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
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
    try {
      while (!this.#isStopped) {
        const task = this.#tasks.takeDue(now);
        if (!task) break;
        task.run(now);
      }
    } finally {
      // A listener of the user's that threw costs the other tasks nothing: they run at the next turn.
      if (this.#tasks.size > 0) this.#setTimer(this.#tasks.nextDueAt);
    }
  }
}
