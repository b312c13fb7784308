import { monotonicNow } from '../../node-timers.js';
import type { Content } from '../../protocol/content.js';

/** Making texts takes at most this share of all time: that of all of a server's together. */
const MOST_OF_TIME = 1 / 10;

/** In characters. Longer text is made bytes of once: engines send those without a copy, to however many that ask. */
const LONGEST_TEXT = 4096;

/**
 * A value as JSON that anybody may ask for at any rate. It is made anew for each question, unless that takes so long that
 * those who ask could keep the server from its work: then an earlier text, or an earlier error, answers some of them.
 */
export class PacedJson {
  readonly #make: () => unknown;
  readonly #pause: number;
  readonly #now: () => number;
  #content: Content = '';
  #failure: { readonly error: unknown } | undefined;
  #usedUntil = -Infinity;

  /** @param sharers how many such values share the time that there is */
  constructor(make: () => unknown, sharers = 1, now: () => number = monotonicNow) {
    this.#make = make;
    this.#pause = sharers / MOST_OF_TIME - 1;
    this.#now = now;
  }

  /** The text, or its bytes if it is long. @throws what making it throws */
  get content(): Content {
    const begun = this.#now();
    if (begun >= this.#usedUntil) {
      this.#remake();
      const ended = this.#now();
      // A failure takes time as well.
      this.#usedUntil = ended + this.#pause * (ended - begun);
    }
    if (this.#failure) throw this.#failure.error;
    return this.#content;
  }

  #remake(): void {
    try {
      const text = JSON.stringify(this.#make());
      this.#content = text.length > LONGEST_TEXT ? Buffer.from(text) : text;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error };
    }
  }
}
