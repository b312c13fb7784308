import { NOT_QUEUED } from '../core/deadline-queue.js';
import type { Scheduler, Task } from './scheduler.js';

/** One thing that is to be done later: a new moment replaces the old one. */
export class DeferredTask implements Task {
  dueAt = Infinity;
  heapIndex = NOT_QUEUED;
  readonly #scheduler: Scheduler;

  constructor(
    scheduler: Scheduler,
    readonly run: (now: number) => void,
  ) {
    this.#scheduler = scheduler;
  }

  get isPending(): boolean {
    return this.heapIndex !== NOT_QUEUED;
  }

  at(dueAt: number): void {
    this.#scheduler.schedule(this, dueAt);
  }

  cancel(): void {
    this.#scheduler.cancel(this);
  }
}
