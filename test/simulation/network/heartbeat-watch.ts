import type { Chance } from '../time/chance.js';
import type { Timeline } from '../time/timeline.js';
import type { End } from './end.js';

/** As in the options of sockets, in ms. */
export interface ZmtpHeartbeats {
  readonly interval: number;
  readonly timeout: number;
}

/**
 * The heartbeats of connections, without their messages: an end is only looked at once something has made it deaf. What does,
 * the engines of both sides say.
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
    // One that stands still itself cannot look; once it goes on it is watched again.
    if (end.isOpen && isDeaf && end.process.isAlive && !end.standsStill) {
      end.lose('the connection fell silent');
    }
  }
}
