import type { FreelancePeer } from '../../security/peer.js';
import type { ClientSession } from './client-session.js';

/**
 * What one client has of all that a server bounds by client. All connections of one authenticated key, or username,
 * share a budget: else who opens several has as many shares. Who cannot be told apart by a key, because the server has
 * no security or the client is anonymous, is told apart by the connection.
 */
export class Budget {
  /** Calls and events that run or wait, and those that were abandoned and whose handlers run on. */
  open = 0;
  /** The places that these hold. */
  places = 0;
  /** Its connections of the negotiated dialect, for `maxConnections`. */
  readonly sessions = new Set<ClientSession>();
  /** How many connections have it, whatever their dialect. */
  holders = 0;

  /** @param key undefined of a client that is told apart by its connection */
  constructor(readonly key: string | undefined) {}
}

/** The budgets of the clients that are connected, or have something open. */
export class Budgets {
  readonly #identify: (peer: Buffer) => FreelancePeer | undefined;
  /** Those of authenticated clients, by key or username, as long as anyone holds them. */
  readonly #byKey = new Map<string, Budget>();

  /** @param identify who that is, as its connection was authenticated */
  constructor(identify: (peer: Buffer) => FreelancePeer | undefined) {
    this.#identify = identify;
  }

  /** How many authenticated keys, or usernames, have one. */
  get keys(): number {
    return this.#byKey.size;
  }

  /** The budget of who has that connection. It is forgotten unless it is held. */
  of(peer: Buffer): Budget {
    const key = this.#identify(peer)?.userId;
    return (key === undefined ? undefined : this.#byKey.get(key)) ?? new Budget(key);
  }

  hold(budget: Budget): void {
    budget.holders++;
    if (budget.key !== undefined) this.#byKey.set(budget.key, budget);
  }

  release(budget: Budget): void {
    budget.holders--;
    if (budget.key !== undefined && budget.holders === 0) this.#byKey.delete(budget.key);
  }
}
