import type { Chance } from '../time/chance.js';
import type { Timeline } from '../time/timeline.js';
import type { End } from './end.js';

/** As in the options of sockets, in ms. */
export interface ZmtpHeartbeats {
  readonly interval: number;
  readonly timeout: number;
}

/**
 * Heartbeats of connections, without simulating their messages: an end is checked only once something has made it deaf,
 * according to the engines of both sides.
 */
export class HeartbeatWatch {
  readonly #timeline: Timeline;
  readonly #chance: Chance;

  constructor(timeline: Timeline, chance: Chance) {
    this.#timeline = timeline;
    this.#chance = chance;
  }

  /** The other end may have fallen silent. */
  watch(end: End): void {
    if (end.deafSince === Infinity) return;
    const { interval, timeout } = end.heartbeats;
    this.#timeline.in(timeout + this.#chance.between(0, interval), () => this.#look(end));
  }

  #look(end: End): void {
    const isDeaf = this.#timeline.now - end.deafSince >= end.heartbeats.timeout;
    // A stopped process cannot check; it is watched again once it continues.
    if (end.isOpen && isDeaf && end.process.isAlive && !end.standsStill) {
      end.lose('the connection fell silent');
    }
  }
}
