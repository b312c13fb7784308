import { type FleetSnapshot, NOT_ASKED_YET, type ServerSnapshot } from '../../fleet/snapshot.js';

/** As long as a client waits for its servers (`connectTimeout`), in ms. */
const MOST_PATIENCE_MS = 5000;

/** Of the interval: the first reading comes once a server is reached, which may be just before the next one is due. */
const LEAST_SHARE = 0.5;

/** Says when snapshots tell all that one look can tell: servers are reached or not, and two readings make a rate. */
export class UntilSettled {
  readonly #intervalMs: number;
  #startedAt: number | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  isSettled({ at, servers }: Pick<FleetSnapshot, 'at' | 'servers'>): boolean {
    this.#startedAt ??= at;
    if (at - this.#startedAt >= MOST_PATIENCE_MS + 2 * this.#intervalMs) return true;
    return servers.every((server) => this.#hasToldAll(server));
  }

  #hasToldAll({ state, noStats, ratesOverMs = 0 }: ServerSnapshot): boolean {
    // One that drains is asked no more.
    if (state === 'draining') return true;
    if (state === 'connecting' || noStats === NOT_ASKED_YET) return false;
    // Nothing more will come of a server that has no statistics.
    return noStats !== undefined || ratesOverMs >= LEAST_SHARE * this.#intervalMs;
  }
}
