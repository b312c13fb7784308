import { makeRoom } from '../../make-room.js';
import type { Agenda } from '../agenda.js';
import type { Budget, Budgets } from './budget.js';
import { ClientSession, type SessionCourier } from './client-session.js';

/** How messages to a client travel on. */
export type PeerCourier = (peer: Buffer) => SessionCourier;

export interface SessionsPolicy {
  /** Clients that are remembered at a time, unless more of them have jobs, whose number has a bound of its own. */
  readonly maxClients: number;
  /** Of those the connections of one authenticated key. */
  readonly maxConnections: number;
}

/** How often it is looked whether the handlers of a client that is gone have ended, in ms. */
const LINGERING_MS = 10_000;

/** The clients of the negotiated dialect that a server has heard lately, by routing id. */
export class Sessions {
  readonly #policy: SessionsPolicy;
  readonly #budgets: Budgets;
  readonly #agenda: Agenda;
  readonly #courierTo: PeerCourier;
  readonly #sessions = new Map<string, ClientSession>();
  /** The same, in the order in which they are asked to make room. */
  readonly #inOrder = new Set<ClientSession>();
  /** Those of clients that are gone, and whose handlers run on. */
  readonly #gone = new Set<ClientSession>();
  /**
   * The connections of forgotten clients to which something was lost, by routing id, the oldest first: should one
   * only have stood still, it has to hear of it.
   */
  readonly #lost = new Set<string>();
  #latestPeer: Buffer | undefined;
  #latest: ClientSession | undefined;

  #evicted = 0;
  #evictedPerClient = 0;

  constructor(policy: SessionsPolicy, budgets: Budgets, agenda: Agenda, courierTo: PeerCourier) {
    this.#policy = policy;
    this.#budgets = budgets;
    this.#agenda = agenda;
    this.#courierTo = courierTo;
  }

  get size(): number {
    return this.#sessions.size - this.#gone.size;
  }

  /** How many were forgotten to make room for others. */
  get evicted(): number {
    return this.#evicted;
  }

  /** How many of those to make room for others of the same key. */
  get evictedPerClient(): number {
    return this.#evictedPerClient;
  }

  [Symbol.iterator](): IterableIterator<ClientSession> {
    return this.#sessions.values();
  }

  /** The session of who has just been heard. */
  heard(peer: Buffer, now: number): ClientSession {
    const session = this.find(peer) ?? this.#open(peer, now);
    session.heard(now);
    if (this.#gone.size > 0) this.#gone.delete(session);
    return session;
  }

  #open(peer: Buffer, now: number): ClientSession {
    const budget = this.#budgets.of(peer);
    this.#makeRoom(budget);
    const due = (later: number) => this.#due(peer, later);
    const session = new ClientSession(peer, budget, now, this.#courierTo(peer), due);
    const key = keyOf(peer);
    if (this.#lost.delete(key)) session.undelivered();
    this.#sessions.set(key, session);
    this.#inOrder.add(session);
    this.#budgets.hold(budget);
    budget.sessions.add(session);
    this.#latest = session;
    this.#agenda.schedule(session, session.goneAt);
    return session;
  }

  find(peer: Buffer): ClientSession | undefined {
    // The messages of one pack have one and the same buffer for their peer.
    if (peer === this.#latestPeer) return this.#latest;
    this.#latestPeer = peer;
    this.#latest = this.#sessions.get(keyOf(peer));
    return this.#latest;
  }

  /**
   * The client is gone: what runs for it is stopped. As long as its handlers do not stop they count against it,
   * should it come back.
   */
  end(peer: Buffer, now: number): void {
    const session = this.find(peer);
    if (!session) return;
    session.abandonAll();
    if (!session.isIdle) {
      session.undelivered();
      this.#gone.add(session);
      this.#agenda.schedule(session, now + LINGERING_MS);
    } else {
      this.#forget(session);
    }
  }

  /**
   * The connection of that client has ended, and nobody comes under its routing id again who had to hear of what was lost.
   *
   * @returns how many messages were about to be sent to it
   */
  lost(peer: Buffer, now: number): number {
    this.#lost.delete(keyOf(peer));
    const session = this.find(peer);
    if (!session) return 0;
    const unsent = session.disconnected();
    this.end(peer, now);
    return unsent;
  }

  /** A message to that client was lost, whether or not it is remembered. */
  undelivered(peer: Buffer): void {
    const session = this.find(peer);
    if (session) session.undelivered();
    else this.#rememberLoss(keyOf(peer));
  }

  #rememberLoss(key: string): void {
    makeRoom(this.#lost, this.#policy.maxClients);
    this.#lost.add(key);
  }

  #forget(session: ClientSession): void {
    const key = keyOf(session.peer);
    if (session.hasLost && !session.isDisconnected) this.#rememberLoss(key);
    this.#sessions.delete(key);
    this.#inOrder.delete(session);
    this.#gone.delete(session);
    session.budget.sessions.delete(session);
    this.#budgets.release(session.budget);
    this.#latestPeer = undefined;
    this.#agenda.cancel(session);
  }

  /** A key that has all its connections makes room by one of them: nobody else is forgotten for it. */
  #makeRoom({ sessions }: Budget): void {
    const { maxClients, maxConnections } = this.#policy;
    if (sessions.size >= maxConnections) {
      if (this.#evictOneOf(sessions)) this.#evictedPerClient++;
    } else if (this.#sessions.size >= maxClients) {
      this.#evictOneOf(this.#inOrder);
    }
  }

  /**
   * Forgets the one that is idle, and was heard least lately, roughly: "second chance", or CLOCK (F. J.
   * Corbató, 1968). It loses nothing but what its next PING says again.
   */
  #evictOneOf(sessions: Set<ClientSession>): boolean {
    let chances = sessions.size * 2;
    for (const session of sessions) {
      if (session.isIdle && !session.takeChance()) {
        this.#forget(session);
        this.#evicted++;
        return true;
      }
      if (--chances < 0) return false;
      sessions.delete(session);
      sessions.add(session);
    }
    return false;
  }

  #due(peer: Buffer, now: number): void {
    const session = this.find(peer);
    if (!session) return;
    if (session.goneAt > now) {
      this.#agenda.schedule(session, session.goneAt);
      return;
    }
    // What is stopped now will not be answered: a client that is silent may still be there.
    if (!session.isIdle) session.undelivered();
    this.end(peer, now);
  }
}

function keyOf(peer: Buffer): string {
  return peer.toString('latin1');
}
