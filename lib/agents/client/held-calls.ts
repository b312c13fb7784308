import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { FreelanceError } from '../../core/freelance-error.js';
import type { Notifications } from '../notifications.js';
import type { Scheduler, Task } from '../scheduler.js';
import type { CallAdmission } from './call-admission.js';
import { describeHeld } from './describe-failure.js';

/** What of the user's has a call. */
export type UserCode = 'serializer' | 'deserializer';

/** Why a call is taken from the user's code that has it. */
type HoldEnd = 'ETIMEDOUT' | 'CLOSED';

/**
 * A call that the user's code has: its serializer before the dispatcher gets it, or its deserializer after the
 * dispatcher was done with it. It is open all the same: it counts, and its deadline or the end of the client ends it.
 */
export class HeldCall implements Task {
  dueAt = Infinity;
  heapIndex = NOT_QUEUED;

  readonly #calls: HeldCalls;
  readonly #ended: (why: HoldEnd) => void;
  #isReleased = false;

  constructor(calls: HeldCalls, ended: (why: HoldEnd) => void) {
    this.#calls = calls;
    this.#ended = ended;
  }

  /** The user's code is done with it, or nobody waits for it any more. */
  release(): void {
    this.#isReleased = true;
    this.#calls.remove(this);
  }

  /** Its deadline has passed. */
  run(): void {
    this.end('ETIMEDOUT');
  }

  end(why: HoldEnd): void {
    this.#calls.remove(this);
    this.#calls.tell(() => {
      if (!this.#isReleased) this.#ended(why);
    });
  }
}

export interface HeldCallsDeps {
  readonly admission: CallAdmission;
  readonly scheduler: Scheduler;
  readonly notifications: Notifications;
  readonly now: () => number;
}

/** The calls of a client that the user's code has. */
export class HeldCalls {
  readonly #deps: HeldCallsDeps;
  readonly #held = new Set<HeldCall>();

  constructor(deps: HeldCallsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#held.size;
  }

  /**
   * @param timeout what is left of its time, in ms
   * @param ended told once, unless it is released before
   * @throws FreelanceError `CLOSED`, or, of a call that is new, `OVERLOADED`
   */
  hold(by: UserCode, timeout: number, ended: (error: FreelanceError) => void): HeldCall {
    const { admission, scheduler, now } = this.#deps;
    // A call that the deserializer has was open before.
    const overload = by === 'serializer' ? admission.overloadBy(1) : undefined;
    const refusal = admission.closed ?? overload;
    if (refusal) throw refusal;
    const call = new HeldCall(this, (why) => ended(describeHeld(why, by)));
    this.#held.add(call);
    scheduler.schedule(call, now() + timeout);
    return call;
  }

  remove(call: HeldCall): void {
    this.#held.delete(call);
    this.#deps.scheduler.cancel(call);
  }

  tell(what: () => void): void {
    this.#deps.notifications.tell(what);
  }

  close(): void {
    for (const call of this.#held) call.end('CLOSED');
  }
}
