import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Agenda, Task } from '../agenda.js';

/** Why a call is taken from the user's code that has it. */
export type HoldEnd = 'ETIMEDOUT' | 'CLOSED';

/**
 * A call that the user's code has: its serializer before the dispatcher gets it, or its deserializer after the
 * dispatcher was done with it. It is open all the same: it counts, and its deadline or the end of the client ends it.
 */
export class HeldCall implements Task {
  dueAt = Infinity;
  place = NOT_QUEUED;

  constructor(
    private readonly calls: HeldCalls,
    readonly ended: (why: HoldEnd) => void,
  ) {}

  /** The user's code is done with it, or nobody waits for it any more. */
  release(): void {
    this.calls.release(this);
  }

  /** Its deadline has passed. */
  run(): void {
    this.release();
    this.ended('ETIMEDOUT');
  }
}

/** The calls of a client that the user's code has. */
export class HeldCalls {
  readonly #agenda: Agenda;
  readonly #held = new Set<HeldCall>();

  constructor(agenda: Agenda) {
    this.#agenda = agenda;
  }

  get size(): number {
    return this.#held.size;
  }

  /** @param ended told once, unless it is released before */
  hold(deadlineAt: number, ended: (why: HoldEnd) => void): HeldCall {
    const call = new HeldCall(this, ended);
    this.#held.add(call);
    this.#agenda.schedule(call, deadlineAt);
    return call;
  }

  release(call: HeldCall): void {
    this.#held.delete(call);
    this.#agenda.cancel(call);
  }

  close(): void {
    for (const call of this.#held) {
      this.release(call);
      call.ended('CLOSED');
    }
  }
}
