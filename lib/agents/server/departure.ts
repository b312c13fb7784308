import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Agenda, Task } from '../agenda.js';
import type { ClientSession } from './client-session.js';

/**
 * How long a client may take to answer a GOODBYE, in ms: the time between two of its heartbeats. One that is
 * slower may lose what is under way to it.
 */
const ANSWER_MS = 1000;

/** How long a server stays for the last answers to those that do not answer a GOODBYE, in ms. */
const LAST_WORDS_MS = 100;

export interface DepartureHost {
  readonly agenda: Agenda;
  readonly sessions: Iterable<ClientSession>;
  now(): number;
  /** Something runs, or waits for its place. */
  isBusy(): boolean;
  leave(): void;
}

/**
 * How a server leaves so that nothing is lost.
 *
 * ```
 *           nothing runs or waits          all have read what they were sent
 *  working ──────────────────────▶ parting ────────────────────────────────▶ gone
 *     │ GOODBYE to all                │ GOODBYE to those that got answers since
 *     └───────────────────────────────┴────────────────────────────────────▶ gone
 *                          after drainTimeout, whatever is left
 * ```
 *
 * ZeroMQ does not tell when a message has arrived, and a process that ends takes with it what has not left.
 * But a connection keeps its order: a client's answer to GOODBYE comes after all that it had sent before it
 * knew, and shows that it has read all that it was sent before.
 */
export class Departure implements Task {
  dueAt = Infinity;
  place = NOT_QUEUED;

  readonly #host: DepartureHost;
  readonly #leaveBy: number;
  #answersBy: number;
  #staysUntil = -Infinity;

  /** @param timeout after which it leaves in any case, in ms */
  constructor(timeout: number, host: DepartureHost) {
    const now = host.now();
    this.#host = host;
    this.#leaveBy = now + timeout;
    this.#answersBy = now + ANSWER_MS;
  }

  /** Says so to everyone, and leaves at once if there is nothing to wait for. */
  begin(): void {
    for (const session of this.#host.sessions) if (session.answersGoodbye) session.sayGoodbye();
    this.proceed();
  }

  /** Someone who cannot tell that it has read it was answered. */
  answeredUnheard(): void {
    this.#staysUntil = this.#host.now() + LAST_WORDS_MS;
  }

  run(): void {
    this.proceed();
  }

  /** Something has changed: perhaps there is nothing left to wait for. */
  proceed(): void {
    const now = this.#host.now();
    const until = now < this.#leaveBy ? this.#waitsUntil(now) : now;
    if (until > now) this.#host.agenda.schedule(this, Math.min(until, this.#leaveBy));
    else this.#host.leave();
  }

  #waitsUntil(now: number): number {
    if (this.#host.isBusy()) return Infinity;
    const sessions = [...this.#host.sessions];
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
