import { DropCounter, type DropReason } from '../drop-counter.js';
import type { Notifications } from '../notifications.js';
import type { ServerHandler } from './server-handler.js';
import type { ServerStats } from './server-stats.js';

export interface RejectionsDeps {
  readonly notifications: Notifications;
  readonly handler: Pick<ServerHandler, 'refused' | 'undecided' | 'dropped'>;
  now(): number;
}

/** Counts and reports what the server turns away: connections that it does not let in, and messages that make no sense. */
export class Rejections {
  readonly #deps: RejectionsDeps;
  readonly #drops = new DropCounter();
  #unauthorized = 0;

  constructor(deps: RejectionsDeps) {
    this.#deps = deps;
  }

  /** @param who showed credentials that are not authorized; for people */
  unauthorized(who: string): void {
    this.#unauthorized++;
    this.#deps.notifications.tell(() => this.#deps.handler.refused(who));
  }

  /** The user's authorizer has failed. */
  undecided(error: unknown): void {
    this.#unauthorized++;
    this.#deps.notifications.tell(() => this.#deps.handler.undecided(error));
  }

  dropped({ reason }: { readonly reason: DropReason }): void {
    const { notifications, handler } = this.#deps;
    if (this.#drops.count(reason, this.#deps.now()))
      notifications.tell(() => handler.dropped(reason));
  }

  stats(): Pick<ServerStats, 'unauthorized' | 'dropped'> {
    return { unauthorized: this.#unauthorized, dropped: this.#drops.snapshot() };
  }
}
