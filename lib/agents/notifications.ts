/** Runs the user's code. It gets what it was queued with. */
type Notification = (about: never, detail: never) => void;

/** More than this many slots are not kept for the next time. */
const MOST_SLOTS = 1024;

/**
 * The queue of what the user's code is told.
 *
 * An entry point of an agent (a message, a lost connection, a timer, a call, a cancel, the end of a handler, `close`) begins
 * with `enter` and ends with `leave`, which delivers the queue: callbacks never run during a transition. What a callback calls
 * is an entry point like any other; its notifications are appended. A callback that throws does not affect the others: the
 * first error is rethrown at the end.
 *
 * Questions to the user's code (a balancer, `isFailure`, a hook before an attempt, whether a server is ready, whether a handler runs at most once) are
 * the exception: a transition needs their answers.
 */
export class Notifications {
  #depth = 0;
  #isTelling = false;
  /** Three columns, of which the first `#count` slots wait. They are kept, so that a notification needs no object. */
  #waiting: (Notification | undefined)[] = [];
  #abouts: unknown[] = [];
  #details: unknown[] = [];
  #count = 0;

  enter(): void {
    this.#depth++;
  }

  /** @throws the first error that the user's code throws, once all are told */
  leave(): void {
    this.#depth--;
    this.#tellAll();
  }

  /** Runs the user's code: once the transition is over, or at once if there is none. */
  tell(what: () => void): void;
  tell<About>(what: (about: About) => void, about: About): void;
  tell<About, Detail>(
    what: (about: About, detail: Detail) => void,
    about: About,
    detail: Detail,
  ): void;
  tell(what: Notification, about?: unknown, detail?: unknown): void {
    const at = this.#count++;
    this.#waiting[at] = what;
    this.#abouts[at] = about;
    this.#details[at] = detail;
    this.#tellAll();
  }

  /** Runs it as an entry point. */
  within<Result>(what: () => Result): Result {
    this.enter();
    try {
      return what();
    } finally {
      this.leave();
    }
  }

  /** Runs it as an entry point: at once or, during a transition, after that. A callback need not wait for other callbacks. */
  whenDone(what: () => void): void {
    if (this.#depth > 0) this.tell(() => this.within(what));
    else this.within(what);
  }

  #tellAll(): void {
    if (this.#count === 0 || this.#depth > 0 || this.#isTelling) return;
    let failure: { readonly error: unknown } | undefined;
    this.#isTelling = true;
    // Callbacks may append to the queue.
    for (let at = 0; at < this.#count; at++) {
      const what = this.#waiting[at] as (about: unknown, detail: unknown) => void;
      const about = this.#abouts[at];
      const detail = this.#details[at];
      this.#waiting[at] = undefined;
      this.#abouts[at] = undefined;
      this.#details[at] = undefined;
      try {
        what(about, detail);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (this.#count > MOST_SLOTS) this.#dropSlots();
    this.#count = 0;
    this.#isTelling = false;
    if (failure) throw failure.error;
  }

  #dropSlots(): void {
    this.#waiting = [];
    this.#abouts = [];
    this.#details = [];
  }
}
