import { type FleetSnapshot, NOT_ASKED_YET, type ServerSnapshot } from '../../fleet/snapshot.js';

/** As long as a client waits for its servers (`connectTimeout`), in ms. */
const MOST_PATIENCE_MS = 5000;

/** Says when snapshots tell all that one look can tell: servers are reached or not, and two readings make a rate. */
export class UntilSettled {
  readonly #intervalMs: number;
  #startedAt: number | undefined;
  #settledAt: number | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  isSettled({ at, servers }: Pick<FleetSnapshot, 'at' | 'servers'>): boolean {
    this.#startedAt ??= at;
    if (at - this.#startedAt >= MOST_PATIENCE_MS + 2 * this.#intervalMs) return true;
    if (!servers.every(hasShownItself)) return false;
    this.#settledAt ??= at;
    // Nothing more will come of servers that have no statistics.
    const isComplete = servers.every(({ noStats }) => noStats !== undefined);
    return isComplete || at - this.#settledAt >= this.#intervalMs;
  }
}

function hasShownItself({ state, noStats }: ServerSnapshot): boolean {
  return state !== 'connecting' && noStats !== NOT_ASKED_YET;
}
