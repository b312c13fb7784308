import type { Id } from '../../protocol/messages.js';
import type { Peer } from '../../sockets/socket-port.js';
import type { Scheduler } from '../scheduler.js';
import { Budgets } from './budget.js';
import type { ClientSession } from './client-session.js';
import { abandonAll, type Client, type Job } from './job.js';
import type { ServerStats } from './server-stats.js';
import { type SessionDepsOf, Sessions, type SessionsPolicy } from './sessions.js';
import { UntypedClients } from './untyped-clients.js';

export type ClientCounts = Pick<
  ServerStats,
  'clients' | 'keys' | 'evicted' | 'evictedPerClient' | 'undelivered'
>;

export interface ClientsDeps {
  readonly scheduler: Scheduler;
  readonly now: () => number;
  /** What a session needs to send to that peer. */
  readonly depsOf: SessionDepsOf;
}

/** The clients of a server, in all dialects. When one leaves, is lost or is revoked, its jobs are abandoned. */
export class Clients {
  readonly #budgets = new Budgets();
  readonly sessions: Sessions;
  readonly untyped = new UntypedClients(this.#budgets);
  readonly #now: () => number;
  #undelivered = 0;

  constructor(policy: SessionsPolicy, deps: ClientsDeps) {
    this.#now = deps.now;
    this.sessions = new Sessions(policy, { ...deps, budgets: this.#budgets });
  }

  /** The session of a peer that has just sent something; opened if there is none. */
  heard(peer: Peer): ClientSession {
    return this.sessions.heard(peer, this.#now());
  }

  session(peer: Peer): ClientSession | undefined {
    return this.sessions.find(peer);
  }

  job(peer: Peer, id: Id): Job | undefined {
    return this.sessions.find(peer)?.jobs.get(id);
  }

  stats(): ClientCounts {
    return {
      clients: this.sessions.size,
      keys: this.#budgets.keys,
      evicted: this.sessions.evicted,
      evictedPerClient: this.sessions.evictedPerClient,
      undelivered: this.#undelivered,
    };
  }

  /** Sends at once what waits for the end of the turn. */
  flush(): void {
    for (const session of this.sessions) session.flush();
  }

  /** The client has said that it leaves. */
  ended(peer: Peer): void {
    this.sessions.end(peer, this.#now());
  }

  /** Its connection has ended. Messages that wait for the end of the turn count as undelivered. */
  lost(peer: Peer): void {
    const untyped = this.untyped.find(peer);
    if (untyped) abandonAll([untyped]);
    this.#undelivered += this.sessions.lost(peer, this.#now());
  }

  /**
   * A client was revoked.
   *
   * @param peers its connections that the socket remembers. It may have forgotten some, so each peer with jobs is asked
   * @returns all its connections
   */
  revoked(peers: readonly Peer[]): Iterable<Peer> {
    const clients = this.#all.filter(({ peer }) => !peer.isHeard);
    const unheard = new Map(
      [...peers, ...clients.map(({ peer }) => peer)].map((peer) => [peer.key, peer]),
    );
    abandonAll(clients);
    for (const peer of unheard.values()) this.ended(peer);
    return unheard.values();
  }

  /**
   * A message could not be delivered: the client is gone, or does not read. The session stays, since what the client sent
   * before may still arrive; the next probe finds out whether it is gone.
   */
  undeliveredTo(peer: Peer): void {
    this.#undelivered++;
    this.sessions.undelivered(peer);
    this.sessions.find(peer)?.abandonAll();
  }

  /** Abandons all jobs of all clients. */
  abandonAll(): void {
    abandonAll(this.#all);
  }

  get #all(): (Client & { readonly peer: Peer })[] {
    return [...this.sessions, ...this.untyped];
  }
}
