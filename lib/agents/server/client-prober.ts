import { DeferredTask } from '../deferred-task.js';
import type { Scheduler } from '../scheduler.js';
import type { ClientSession } from './client-session.js';

/** The shortest rest between two rounds of probes, in ms. Calls of a killed client may run on for that long. */
export const LEAST_REST_MS = 100;

/** Anybody who connects can cause probes, so rounds take at most one part in eleven of the time. */
const REST_PER_COST = 10;

/** A connection that ended in its handshake probably had no calls: it causes at most one round per second. */
const REST_FOR_STRANGERS_MS = 1000;

/**
 * A client that has left this many probes unanswered does not read: it then gets at most one per second. The heartbeats of
 * its connection end it in time.
 */
const MOST_UNANSWERED_PROBES = 16;
const REST_OF_UNANSWERED_MS = 1000;

export interface ClientProberDeps {
  readonly scheduler: Scheduler;
  readonly sessions: Iterable<ClientSession>;
  now(): number;
  /** Sends the client its latest PONG once more. */
  probe(session: ClientSession): void;
}

/**
 * Finds out which clients are gone, for an engine that does not say whose connection has ended. It sends a message to each
 * client that has something open here: to one that is gone nothing can be delivered.
 *
 * Anybody who can connect can also end connections, without credentials. So the first loss is looked into at once, and those
 * that follow are looked into together.
 */
export class ClientProber {
  readonly #deps: ClientProberDeps;
  readonly #nextRound: DeferredTask;
  /** The number of the latest round. */
  #round = 0;
  #probedAt = -Infinity;
  /** The earliest time of the next round. */
  #restsUntil = -Infinity;

  constructor(deps: ClientProberDeps) {
    this.#deps = deps;
    this.#nextRound = new DeferredTask(deps.scheduler, (now) => this.#probeAll(now));
  }

  /** A connection ended. */
  lost(): void {
    this.#probeAllAt(this.#restsUntil);
  }

  /** A connection ended in its handshake. */
  lostStranger(): void {
    this.#probeAllAt(Math.max(this.#restsUntil, this.#probedAt + REST_FOR_STRANGERS_MS));
  }

  /** The client has sent a call. If the event loop stood still, the end of its connection may have been told before. */
  heardLate(session: ClientSession): void {
    if (session.hasLost || session.probes.latestRound < this.#round)
      this.#probe(session, this.#deps.now());
  }

  #probeAllAt(at: number): void {
    const now = this.#deps.now();
    if (at <= now) this.#probeAll(now);
    else if (at < this.#nextRound.dueAt || !this.#nextRound.isPending) this.#nextRound.at(at);
  }

  #probeAll(now: number): void {
    this.#nextRound.cancel();
    this.#round++;
    this.#probedAt = now;
    let isComplete = true;
    for (const session of this.#deps.sessions) {
      if (session.jobs.size === 0 && !session.owesGoodbye) continue;
      if (!this.#probe(session, now)) isComplete = false;
    }
    const cost = this.#deps.now() - now;
    this.#restsUntil = now + cost + Math.max(LEAST_REST_MS, cost * REST_PER_COST);
    if (!isComplete) this.#probeAllAt(now + REST_OF_UNANSWERED_MS);
  }

  /** @returns false if the client has left too many probes unanswered, and gets none for now */
  #probe(session: ClientSession, now: number): boolean {
    const { probes } = session;
    if (probes.unanswered >= MOST_UNANSWERED_PROBES && now < probes.sentAt + REST_OF_UNANSWERED_MS)
      return false;
    probes.latestRound = this.#round;
    probes.sentAt = now;
    probes.unanswered++;
    this.#deps.probe(session);
    return true;
  }
}
