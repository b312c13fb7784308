import { DeferredTask } from '../deferred-task.js';
import type { Scheduler } from '../scheduler.js';
import type { ClientSession } from './client-session.js';

/** How long a client may take to answer a GOODBYE, in ms: one default heartbeat. A slower one may lose its last replies. */
const ANSWER_MS = 1000;

/** How long the server stays after its last reply to a client that does not answer GOODBYE, in ms. */
const LAST_WORDS_MS = 100;

export interface DrainDeps {
  readonly scheduler: Scheduler;
  readonly sessions: Iterable<ClientSession>;
  now(): number;
  /** Whether something runs or waits for its place. */
  isBusy(): boolean;
  leave(): void;
}

/**
 * Takes a server out of service without losing a call.
 *
 * ```
 *           nothing runs or waits          all have read what they were sent
 *  working ──────────────────────▶ parting ────────────────────────────────▶ gone
 *     │ GOODBYE to all                │ GOODBYE to those that got answers since
 *     └───────────────────────────────┴────────────────────────────────────▶ gone
 *                          after drainTimeout, whatever is left
 * ```
 *
 * ZeroMQ does not confirm delivery, and a process that exits drops what it has not written yet. But a connection keeps its
 * order: a client's answer to GOODBYE arrives after everything it sent before it knew, and proves that it has read everything
 * it was sent before.
 */
export class Drain {
  readonly #deps: DrainDeps;
  readonly #next: DeferredTask;
  readonly #leaveBy: number;
  #answersBy: number;
  #staysUntil = -Infinity;
  #hasLeft = false;

  /** @param timeout after which the server leaves in any case, in ms */
  constructor(timeout: number, deps: DrainDeps) {
    const now = deps.now();
    this.#deps = deps;
    this.#next = new DeferredTask(deps.scheduler, () => this.proceed());
    this.#leaveBy = now + timeout;
    this.#answersBy = now + ANSWER_MS;
  }

  /** Sends GOODBYE to all clients; leaves at once if there is nothing to wait for. */
  begin(): void {
    for (const session of this.#deps.sessions) if (session.answersGoodbye) session.sayGoodbye();
    this.proceed();
  }

  /** A reply went to a client that cannot confirm that it has read it. */
  answeredUnheard(): void {
    this.#staysUntil = this.#deps.now() + LAST_WORDS_MS;
  }

  /** To be called after every change: perhaps there is nothing left to wait for. */
  proceed(): void {
    // To leave ends jobs, after each of which this is called.
    if (this.#hasLeft) return;
    const now = this.#deps.now();
    const until = now < this.#leaveBy ? this.#waitsUntil(now) : now;
    if (until > now) {
      this.#next.at(Math.min(until, this.#leaveBy));
      return;
    }
    this.#hasLeft = true;
    this.#deps.leave();
  }

  #waitsUntil(now: number): number {
    if (this.#deps.isBusy()) return Infinity;
    const sessions = [...this.#deps.sessions];
    if (now < this.#answersBy && sessions.some((session) => session.owesGoodbye))
      return this.#answersBy;
    const unaware = sessions.filter((session) => session.answersGoodbye && session.hasNews);
    if (unaware.length > 0) {
      for (const session of unaware) session.sayGoodbye();
      return (this.#answersBy = now + ANSWER_MS);
    }
    return this.#staysUntil;
  }
}
