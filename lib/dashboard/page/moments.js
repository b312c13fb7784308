/**
 * @import { FleetEvent } from '../../fleet/snapshot.js'
 * @import { PageSnapshot } from '../page-snapshot.js'
 * @import { Totals } from './derive.js'
 */

import { totalsOf } from './derive.js';

/**
 * @typedef {object} Moment
 * @property {number} number as the server counts them
 * @property {PageSnapshot} snapshot
 * @property {Totals} totals
 */

/**
 * An event, with the time of the first snapshot after it: the moment that shows what it has changed.
 *
 * @typedef {FleetEvent & { readonly key: string, readonly toldAt: number }} KeyedEvent
 */

/** The snapshots of the last minutes. Pure: the newest one says what time it is. */
export class Moments {
  /** @type {Moment[]} */
  #moments = [];
  #run = '';
  #keepMs = 0;

  /** The server has said which history it sends; that of another process begins anew. @param {string} run @param {number} keepMs */
  begin(run, keepMs) {
    this.#keepMs = keepMs;
    if (run !== this.#run) this.#moments = [];
    this.#run = run;
  }

  /** @param {number} number @param {PageSnapshot} snapshot @returns {boolean} whether it is new: after a reconnection, some may come again */
  add(number, snapshot) {
    if (number <= (this.#moments.at(-1)?.number ?? 0)) return false;
    this.#moments.push({ number, snapshot, totals: totalsOf(snapshot) });
    const oldest = snapshot.at - this.#keepMs;
    const kept = this.#moments.findIndex(({ snapshot: { at } }) => at >= oldest);
    if (kept > 0) this.#moments.splice(0, kept);
    return true;
  }

  /** @returns {readonly Moment[]} the oldest first */
  get all() {
    return this.#moments;
  }

  get oldest() {
    return this.#moments[0];
  }

  get newest() {
    return this.#moments.at(-1);
  }

  get keepMs() {
    return this.#keepMs;
  }

  /** What was shown at that time: the latest snapshot until then, or the oldest. @param {number} at */
  at(at) {
    let low = 0;
    let high = this.#moments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#moments[middle]?.snapshot.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return this.#moments[Math.max(0, low - 1)];
  }

  /** What has happened until then, the oldest first. @param {number} [until] @returns {KeyedEvent[]} */
  events(until = Infinity) {
    return this.#moments
      .filter(({ snapshot }) => snapshot.at <= until)
      .flatMap(({ number, snapshot }) =>
        snapshot.events.map((event, index) => ({
          ...event,
          key: `${number}.${index}`,
          toldAt: snapshot.at,
        })),
      );
  }
}
