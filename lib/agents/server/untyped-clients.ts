import type { Peer } from '../../sockets/socket-port.js';
import type { Budget, Budgets } from './budget.js';
import type { Client, Job } from './job.js';

/** A client of the older dialects, while it has open calls or abandoned ones whose handlers still run. */
export class UntypedClient implements Client {
  readonly jobs = new Map<string, Job>();
  lingering = 0;
  readonly knowsGoodbye = false;

  constructor(
    readonly peer: Peer,
    readonly budget: Budget,
  ) {}
}

/** The clients of the older dialects that have open calls. They send no hello, so they have no sessions. */
export class UntypedClients {
  readonly #budgets: Budgets;
  /** By the key of the peer. */
  readonly #clients = new Map<string, UntypedClient>();
  #calls = 0;

  constructor(budgets: Budgets) {
    this.#budgets = budgets;
  }

  [Symbol.iterator](): IterableIterator<UntypedClient> {
    return this.#clients.values();
  }

  find(peer: Peer): UntypedClient | undefined {
    return this.#clients.get(peer.key);
  }

  /** The client of that peer, or a new one, which is forgotten unless `remember` is called. */
  of(peer: Peer): UntypedClient {
    return this.find(peer) ?? new UntypedClient(peer, this.#budgets.of(peer));
  }

  remember(client: UntypedClient): void {
    const { key } = client.peer;
    if (this.#clients.has(key)) return;
    this.#clients.set(key, client);
    this.#budgets.hold(client.budget);
  }

  /** Forgets the client if it has no call left, and no handler that still runs. */
  forgetIfIdle(client: Client): void {
    if (!(client instanceof UntypedClient) || client.jobs.size > 0 || client.lingering > 0) return;
    if (this.#clients.delete(client.peer.key)) this.#budgets.release(client.budget);
  }

  /** An id for a call. Clients have their own ids, but need not keep them distinct. */
  newCallId(): string {
    return String(this.#calls++);
  }
}
