import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Agenda, Task } from '../agenda.js';
import type { ClientSession } from './client-session.js';

/** The least time between two looks, in ms: what a killed client leaves behind may run on for so long. */
export const LEAST_REST_MS = 100;

/** Looks take at most a tenth of the time, or an eleventh, to be exact: whoever connects can cause them. */
const REST_PER_COST = 10;

/** After a connection that ended in its handshake, and so has probably no calls: at most one look a second. */
const REST_FOR_STRANGERS_MS = 1000;

/**
 * So many looks a client may leave unanswered; from then on it is sent no more than one a second, as it does not
 * read. ZeroMQ's heartbeats end its connection within some 20 s.
 */
const MOST_UNANSWERED_LOOKS = 16;
const REST_OF_UNANSWERED_MS = 1000;

export interface LookoutHost {
  readonly agenda: Agenda;
  readonly sessions: Iterable<ClientSession>;
  now(): number;
  /** Sends that client something: its latest PONG once more. */
  knock(session: ClientSession): void;
}

/**
 * Finds out which clients are gone. That some connection ended is all that ZeroMQ tells: a message to each client that
 * this server does or waits for something for shows whose, since to one that is gone it cannot be delivered.
 *
 * Anybody who can connect can end connections, without any credentials. So the first loss is looked into at once, and
 * those that follow are looked into together.
 */
export class Lookout implements Task {
  dueAt = Infinity;
  place = NOT_QUEUED;

  readonly #host: LookoutHost;
  /** How many looks there were. */
  #looks = 0;
  #lookedAt = -Infinity;
  /** When the next look may be. */
  #restsUntil = -Infinity;

  constructor(host: LookoutHost) {
    this.#host = host;
  }

  /** A connection ended. */
  lost(): void {
    this.#lookAt(this.#restsUntil);
  }

  /** A connection ended in its handshake. */
  lostStranger(): void {
    this.#lookAt(Math.max(this.#restsUntil, this.#lookedAt + REST_FOR_STRANGERS_MS));
  }

  /** That client has sent a call. Its end may have been heard before, once the event loop has stood still. */
  heardLate(session: ClientSession): void {
    if (session.hasLost || session.looks.latest < this.#looks)
      this.#lookFor(session, this.#host.now());
  }

  run(now: number): void {
    this.#look(now);
  }

  #lookAt(at: number): void {
    const now = this.#host.now();
    if (at <= now) this.#look(now);
    else if (at < this.dueAt || this.place === NOT_QUEUED) this.#host.agenda.schedule(this, at);
  }

  #look(now: number): void {
    this.#host.agenda.cancel(this);
    this.#looks++;
    this.#lookedAt = now;
    let isComplete = true;
    for (const session of this.#host.sessions) {
      if (session.jobs.size === 0 && !session.owesGoodbye) continue;
      if (!this.#lookFor(session, now)) isComplete = false;
    }
    const cost = this.#host.now() - now;
    this.#restsUntil = now + cost + Math.max(LEAST_REST_MS, cost * REST_PER_COST);
    if (!isComplete) this.#lookAt(now + REST_OF_UNANSWERED_MS);
  }

  /** Whether it was; false for now if it has left too many unanswered. */
  #lookFor(session: ClientSession, now: number): boolean {
    const { looks } = session;
    if (looks.unanswered >= MOST_UNANSWERED_LOOKS && now < looks.at + REST_OF_UNANSWERED_MS)
      return false;
    looks.latest = this.#looks;
    looks.at = now;
    looks.unanswered++;
    this.#host.knock(session);
    return true;
  }
}
