import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Id } from '../../protocol/messages.js';
import type { Scheduler, Task } from '../scheduler.js';
import type { Attempt, Call, Server } from './call.js';

const FEWEST_SLOTS = 64;

/**
 * The open calls of a client, in slots that their numbers choose. Not in a `Map`: one whose entries come
 * and go leaves its outgrown tables behind, and these keep every call they saw alive until the next full
 * collection, which costs a busy client a fifth of its time.
 *
 * Nor is each call scheduled and cancelled. All of them are one task, due when the first
 * may be: most calls have ended by then, and a look at those that are left finds the next moment.
 */
export class OpenCalls implements Task {
  dueAt = Infinity;
  heapIndex = NOT_QUEUED;

  readonly #scheduler: Scheduler;
  #slots: (Call | undefined)[] = emptySlots(FEWEST_SLOTS);
  #size = 0;
  #latest = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get size(): number {
    return this.#size;
  }

  /** A number for the next call. The slot that it chooses is free. */
  nextNumber(): number {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    do this.#latest++;
    while (this.#slots[this.#slotOf(this.#latest)]);
    return this.#latest;
  }

  add(call: Call): void {
    this.#slots[this.#slotOf(call.number)] = call;
    this.#size++;
  }

  remove(call: Call): void {
    const slot = this.#slotOf(call.number);
    if (this.#slots[slot] !== call) return;
    this.#slots[slot] = undefined;
    this.#size--;
  }

  /** The attempt of that id, if it is under way at that server. */
  find(id: Id, server: Server): Attempt | undefined {
    // The id of an attempt begins with the number of its call.
    return this.#slots[this.#slotOf(Number.parseInt(id, 10))]?.attemptOf(id, server);
  }

  /** The attempts that are under way at that server, the oldest first. */
  over(server: Server): Attempt[] {
    const attempts: Attempt[] = [];
    for (const call of this) {
      for (const attempt of call.attempts) if (attempt.link === server) attempts.push(attempt);
    }
    return attempts.toSorted((a, b) => a.call.number - b.call.number);
  }

  *[Symbol.iterator](): Generator<Call> {
    for (const call of this.#slots) if (call) yield call;
  }

  /** Says when something is to be done about the call, in place of what was said before. */
  schedule(call: Call, dueAt: number): void {
    call.dueAt = dueAt;
    if (dueAt < this.dueAt) this.#scheduler.schedule(this, dueAt);
  }

  /** The moment has come that was the first: runs the calls that are due, the longest overdue first. */
  run(now: number): void {
    const due = [...this].filter((call) => call.dueAt <= now).toSorted((a, b) => a.dueAt - b.dueAt);
    for (const call of due) if (!call.isDone && call.dueAt <= now) call.due(now);
    this.#findNext();
  }

  #findNext(): void {
    let next = Infinity;
    for (const call of this) next = Math.min(next, call.dueAt);
    this.dueAt = Infinity;
    if (next < Infinity) this.#scheduler.schedule(this, next);
  }

  #slotOf(number: number): number {
    return number & (this.#slots.length - 1);
  }

  #grow(): void {
    const calls = [...this];
    this.#slots = emptySlots(this.#slots.length * 2);
    for (const call of calls) this.#slots[this.#slotOf(call.number)] = call;
  }
}

/** Filled, so that it is an array without holes, which engines read faster. */
function emptySlots(count: number): (Call | undefined)[] {
  return Array.from({ length: count });
}
