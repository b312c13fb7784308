import type { Peer } from '../../sockets/socket-port.js';

/**
 * What one client uses of everything that a server limits per client. All connections of one authenticated key or username
 * share a budget, so that opening more connections gains nothing. Where there is no key, because the server has no security
 * or the client is anonymous, each connection has its own.
 */
export class Budget {
  /** Calls and events that run or wait, and abandoned ones whose handlers still run. */
  open = 0;
  /** How many of the server's places these hold. */
  places = 0;
  /** How many connections share it, whatever their dialect. */
  holders = 0;

  /** @param key undefined for a budget of one connection */
  constructor(readonly key: string | undefined) {}
}

/** The budgets of the clients that are connected or have something open. */
export class Budgets {
  /** Those of authenticated clients, by key or username, while a connection holds them. */
  readonly #byKey = new Map<string, Budget>();

  /** How many authenticated keys or usernames have one. */
  get keys(): number {
    return this.#byKey.size;
  }

  /** The budget of that connection. It is forgotten unless `hold` is called. */
  of(peer: Peer): Budget {
    const key = peer.identity?.userId;
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
