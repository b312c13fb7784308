import type { Chance } from '../time/chance.js';
import type { Timeline } from '../time/timeline.js';
import { Route } from './route.js';

/** Delay of one message, in ms. */
export interface Latency {
  readonly ms: number;
  /** Random additional delay, up to this much. */
  readonly jitterMs: number;
}

/** The routes between hosts, each created on first use. */
export class Routes {
  readonly #latency: (from: string, to: string) => Latency;
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #routes = new Map<string, Route>();

  constructor(latency: (from: string, to: string) => Latency, timeline: Timeline, chance: Chance) {
    this.#latency = latency;
    this.#timeline = timeline;
    this.#chance = chance;
  }

  between(from: string, to: string): Route {
    const key = `${from}>${to}`;
    let route = this.#routes.get(key);
    if (!route) {
      const { ms, jitterMs } = this.#latency(from, to);
      route = new Route(from, to, ms, jitterMs, this.#timeline, this.#chance);
      this.#routes.set(key, route);
    }
    return route;
  }
}
