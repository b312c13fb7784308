import { makeRoom } from '../../make-room.js';
import type { Peer } from '../../sockets/socket-port.js';
import type { Scheduler } from '../scheduler.js';
import type { Budget, Budgets } from './budget.js';
import { ClientSession, type SessionDeps } from './client-session.js';

/** What the session of a peer needs to send to it. */
export type SessionDepsOf = (peer: Peer) => SessionDeps;

export interface SessionsDeps {
  readonly budgets: Budgets;
  readonly scheduler: Scheduler;
  readonly depsOf: SessionDepsOf;
}

export interface SessionsPolicy {
  /** How many clients are remembered. More only while they have jobs, whose number has its own bound. */
  readonly maxClients: number;
  /** How many of those one authenticated key may have. */
  readonly maxConnections: number;
}

/** How often a session is checked whose client is gone while its handlers still run, in ms. */
const LINGERING_MS = 10_000;

/** The clients of the negotiated dialect that the server has heard recently. */
export class Sessions {
  readonly #policy: SessionsPolicy;
  readonly #budgets: Budgets;
  readonly #scheduler: Scheduler;
  readonly #depsOf: SessionDepsOf;
  /** By the key of the peer. */
  readonly #sessions = new Map<string, ClientSession>();
  /** The same, in the order in which they are considered for eviction. */
  readonly #inOrder = new Set<ClientSession>();
  /** The same, by budget: for `maxConnections`. */
  readonly #byBudget = new Map<Budget, Set<ClientSession>>();
  /** Those whose clients are gone and whose handlers still run. */
  readonly #gone = new Set<ClientSession>();
  /**
   * Keys of forgotten peers to which a message was lost, the oldest first. If such a client only stood still, it has to learn
   * of the loss.
   */
  readonly #lost = new Set<string>();

  #evicted = 0;
  #evictedPerClient = 0;

  constructor(policy: SessionsPolicy, deps: SessionsDeps) {
    this.#policy = policy;
    this.#budgets = deps.budgets;
    this.#scheduler = deps.scheduler;
    this.#depsOf = deps.depsOf;
  }

  get size(): number {
    return this.#sessions.size - this.#gone.size;
  }

  /** How many sessions were evicted. */
  get evicted(): number {
    return this.#evicted;
  }

  /** How many of those made room for another connection of the same key. */
  get evictedPerClient(): number {
    return this.#evictedPerClient;
  }

  [Symbol.iterator](): IterableIterator<ClientSession> {
    return this.#sessions.values();
  }

  /** The session of a peer that has just sent something; opened if there is none. */
  heard(peer: Peer, now: number): ClientSession {
    const session = this.find(peer) ?? this.#open(peer, now);
    session.heard(now);
    if (this.#gone.size > 0) this.#gone.delete(session);
    return session;
  }

  #open(peer: Peer, now: number): ClientSession {
    const budget = this.#budgets.of(peer);
    this.#makeRoom(budget);
    const due = (later: number) => this.#due(peer, later);
    const session = new ClientSession(peer, budget, now, this.#depsOf(peer), due);
    if (this.#lost.delete(peer.key)) session.undelivered();
    this.#sessions.set(peer.key, session);
    this.#inOrder.add(session);
    this.#budgets.hold(budget);
    this.#sessionsOf(budget).add(session);
    this.#scheduler.schedule(session, session.goneAt);
    return session;
  }

  #sessionsOf(budget: Budget): Set<ClientSession> {
    let sessions = this.#byBudget.get(budget);
    if (!sessions) this.#byBudget.set(budget, (sessions = new Set()));
    return sessions;
  }

  find(peer: Peer): ClientSession | undefined {
    return this.#sessions.get(peer.key);
  }

  /**
   * The client is gone, and its jobs are abandoned. While its handlers still run, the session stays: they count against the
   * client if it comes back.
   */
  end(peer: Peer, now: number): void {
    const session = this.find(peer);
    if (!session) return;
    session.abandonAll();
    if (!session.isIdle) {
      session.undelivered();
      this.#gone.add(session);
      this.#scheduler.schedule(session, now + LINGERING_MS);
    } else {
      this.#forget(session);
    }
  }

  /**
   * The connection has ended for good: nobody remains who would have to learn what was lost.
   *
   * @returns how many messages waited to be sent to it
   */
  lost(peer: Peer, now: number): number {
    this.#lost.delete(peer.key);
    const session = this.find(peer);
    if (!session) return 0;
    const unsent = session.disconnected();
    this.end(peer, now);
    return unsent;
  }

  /** A message to that peer was lost, whether or not it has a session. */
  undelivered(peer: Peer): void {
    const session = this.find(peer);
    if (session) session.undelivered();
    else this.#rememberLoss(peer.key);
  }

  #rememberLoss(key: string): void {
    makeRoom(this.#lost, this.#policy.maxClients);
    this.#lost.add(key);
  }

  #forget(session: ClientSession): void {
    const { key } = session.peer;
    if (session.hasLost && !session.isDisconnected) this.#rememberLoss(key);
    this.#sessions.delete(key);
    this.#inOrder.delete(session);
    this.#gone.delete(session);
    const siblings = this.#sessionsOf(session.budget);
    siblings.delete(session);
    if (siblings.size === 0) this.#byBudget.delete(session.budget);
    this.#budgets.release(session.budget);
    this.#scheduler.cancel(session);
  }

  /** A key at its limit evicts one of its own connections, never another client's. */
  #makeRoom(budget: Budget): void {
    const { maxClients, maxConnections } = this.#policy;
    const siblings = this.#byBudget.get(budget);
    if (siblings && siblings.size >= maxConnections) {
      if (this.#evictOneOf(siblings)) this.#evictedPerClient++;
    } else if (this.#sessions.size >= maxClients) {
      this.#evictOneOf(this.#inOrder);
    }
  }

  /**
   * Evicts an idle session that was not heard recently: "second chance", or CLOCK (F. J. Corbató, 1968). It loses nothing but
   * what its next PING says again.
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

  #due(peer: Peer, now: number): void {
    const session = this.find(peer);
    if (!session) return;
    if (session.goneAt > now) {
      this.#scheduler.schedule(session, session.goneAt);
      return;
    }
    // The abandoned jobs will not be answered, and a silent client may still exist.
    if (!session.isIdle) session.undelivered();
    this.end(peer, now);
  }
}
