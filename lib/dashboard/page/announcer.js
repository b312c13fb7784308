/** @import { FleetEvent } from '../../fleet/snapshot.js' */

import { nameOf } from './derive.js';

/** Not more often than it can be read aloud. */
const PAUSE_MS = 5000;

/** Reads aloud what happens, to those who use a screen reader: a few words, and of a storm only how much there was. */
export class Announcer {
  #region;
  /** @type {FleetEvent[]} */
  #waiting = [];
  #isPausing = false;

  /** @param {HTMLElement} region with `aria-live` */
  constructor(region) {
    this.#region = region;
  }

  /** @param {readonly FleetEvent[]} events */
  tell(events) {
    this.#waiting.push(...events);
    if (!this.#isPausing) this.#speak();
  }

  /** At once: the answer to what the reader has just done, where the focus stays and something else has changed. @param {string} text */
  confirm(text) {
    this.#region.textContent = text;
  }

  #speak() {
    const events = this.#waiting;
    this.#waiting = [];
    this.#isPausing = events.length > 0;
    if (events.length === 0) return;
    // The latest of the most important ones.
    const event = events.findLast(({ kind }) => kind === 'down') ?? events.at(-1);
    const more = events.length > 1 ? ` And ${events.length - 1} more.` : '';
    if (event) {
      this.#region.textContent = `${nameOf({ id: event.serverId, endpoint: event.endpoint })} ${event.text}.${more}`;
    }
    setTimeout(() => this.#speak(), PAUSE_MS);
  }
}
