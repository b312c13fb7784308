import type { Chance } from '../time/chance.js';
import type { Timeline } from '../time/timeline.js';

/** The route from one host to another, in one direction: its delay, and whether it is dark. */
export class Route {
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  #darkness = 0;
  #darkSince = Infinity;
  #slowness = 0;
  #disturbances = 0;
  #troubledLastAt = -Infinity;
  #whenLit: (() => void)[] = [];

  constructor(
    readonly from: string,
    readonly to: string,
    readonly latencyMs: number,
    readonly jitterMs: number,
    timeline: Timeline,
    chance: Chance,
  ) {
    this.#timeline = timeline;
    this.#chance = chance;
  }

  /** Nothing gets through, and nobody is told. */
  get isDark(): boolean {
    return this.#darkness > 0;
  }

  get darkSince(): number {
    return this.#darkSince;
  }

  /** Whether it was dark, slow or disturbed at any time since then. */
  wasTroubledSince(moment: number): boolean {
    const isTroubled = this.isDark || this.#slowness > 0 || this.#disturbances > 0;
    return isTroubled || this.#troubledLastAt >= moment;
  }

  /** How long one message takes. */
  delay(): number {
    return this.latencyMs + this.#slowness + this.#chance.next() * this.jitterMs;
  }

  /** The longest delay while nothing is wrong. */
  get usualDelay(): number {
    return this.latencyMs + this.jitterMs;
  }

  darken(): void {
    if (this.#darkness++ === 0) this.#darkSince = this.#timeline.now;
  }

  light(): void {
    if (--this.#darkness > 0) return;
    const { now } = this.#timeline;
    // TCP doubles its retransmission time-out: the wait is at most as long as the time already waited.
    const longestWait = Math.min(now - this.#darkSince, LONGEST_WAIT_MS);
    this.#darkSince = Infinity;
    this.#troubledUntil(now + longestWait);
    for (const tell of this.#whenLit.splice(0)) {
      this.#timeline.in(this.#chance.between(0, longestWait), tell);
    }
  }

  /** Once it is light again, and TCP has retransmitted what was lost. */
  onceLit(tell: () => void): void {
    this.#whenLit.push(tell);
  }

  slowDown(ms: number): void {
    this.#slowness += ms;
  }

  speedUp(ms: number): void {
    this.#slowness -= ms;
    // Messages in flight are late for this long.
    this.#troubledUntil(this.#timeline.now + ms);
  }

  /** Something other than the network keeps this end from using it. */
  disturb(): void {
    this.#disturbances++;
  }

  settle(): void {
    this.#disturbances--;
    this.#troubledUntil(this.#timeline.now);
  }

  #troubledUntil(moment: number): void {
    this.#troubledLastAt = Math.max(this.#troubledLastAt, moment);
  }
}

const LONGEST_WAIT_MS = 2000;
