import { DECAY_MS } from './peak-ewma.js';

/** The weight of the latest response, at least. Source: RFC 6298, section 2, where SRTT has an alpha of 1/8. */
const LEAST_WEIGHT = 1 / 8;

/** Shorter times count as this, in ms: below it, turns of the event loops differ, not servers. */
const LEAST_MS = 0.1;

/**
 * How long a call typically takes: a moving geometric mean of response times. They vary by factors, so this is close to their
 * median. A single answer that takes fifty times as long, as in a pause for garbage collection, raises it by a factor of 1.6; a
 * server that stays ten times as slow has doubled it after three answers.
 */
export class TypicalTime {
  #logMs: number | undefined;
  #observedAt = 0;

  /** @param peersMs what a server of which nothing is known is expected to take, in ms; its first response adjusts that */
  observe(responseMs: number, now: number, peersMs: number | undefined): void {
    const log = logOf(responseMs);
    if (this.#logMs === undefined) {
      const start = peersMs === undefined ? log : logOf(peersMs);
      this.#logMs = start + (log - start) * LEAST_WEIGHT;
    } else {
      this.#logMs += (log - this.#logMs) * weightAfter(this.#age(now));
    }
    this.#observedAt = now;
  }

  get isKnown(): boolean {
    return this.#logMs !== undefined;
  }

  /** The typical time as of the latest response, in ms; undefined before the first. */
  get ms(): number | undefined {
    return this.#logMs === undefined ? undefined : Math.exp(this.#logMs);
  }

  /** The typical time at `now`: it decays while nothing is observed, so that a slow server is tried again. */
  at(now: number): number | undefined {
    return this.#logMs === undefined ? undefined : Math.exp(this.#logMs - this.#age(now));
  }

  #age(now: number): number {
    return Math.max(now - this.#observedAt, 0) / DECAY_MS;
  }
}

/** The weight of a response that comes so long after the latest one, in time constants of the decay. */
function weightAfter(age: number): number {
  // Most come soon: e to the power of -x is at least 1 - x.
  return age < LEAST_WEIGHT ? LEAST_WEIGHT : Math.max(1 - Math.exp(-age), LEAST_WEIGHT);
}

function logOf(ms: number): number {
  return Math.log(Math.max(ms, LEAST_MS));
}
