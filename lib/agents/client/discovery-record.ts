import { isSameSet } from '../../core/discovered-set.js';
import { plainText } from '../../core/plain-text.js';
import type { ServerTarget } from '../../core/server-target.js';
import type { DiscoveryStats } from './discovery-stats.js';
import type { ServerOrigin } from './server-origin.js';

/** The longest text of an error that is kept and shown, in characters. */
const LONGEST_ERROR = 500;

/** What a discovery has named and what has gone wrong: the last good set, and what to tell of it. */
export class DiscoveryRecord implements ServerOrigin {
  targets: readonly ServerTarget[] = [];
  readonly #name: string;
  readonly #now: () => number;
  #lastSetAt: number | undefined;
  #lastChangeAt: number | undefined;
  #lastErrorAt: number | undefined;
  #lastError: string | undefined;
  #isFailing = false;

  constructor(name: string, now: () => number) {
    this.#name = plainText(name);
    this.#now = now;
  }

  get hasAnswered(): boolean {
    return this.#lastSetAt !== undefined;
  }

  /**
   * @param targets at least one
   * @returns whether they are others than before
   */
  named(targets: readonly ServerTarget[]): boolean {
    const now = this.#now();
    const isNew = !isSameSet(this.targets, targets);
    this.#lastSetAt = now;
    this.#isFailing = false;
    if (!isNew) return false;
    this.#lastChangeAt = now;
    this.targets = targets;
    return true;
  }

  /** @returns whether that is news: the first failure since it named servers, or another than the one before */
  failed(error: string): boolean {
    const shown = plainText(error, LONGEST_ERROR);
    const isNews = !this.#isFailing || shown !== this.#lastError;
    this.#faulty(shown);
    this.#isFailing = true;
    return isNews;
  }

  /** A part of what it has named cannot be used. */
  faulty(fault: string): void {
    this.#faulty(plainText(fault, LONGEST_ERROR));
  }

  #faulty(shown: string): void {
    this.#lastError = shown;
    this.#lastErrorAt = this.#now();
  }

  describe(): string | undefined {
    if (!this.hasAnswered) {
      const why = this.#lastError === undefined ? '' : `: ${this.#lastError}`;
      return `The discovery ${this.#name} has not named any server yet${why}`;
    }
    if (!this.#isFailing) return undefined;
    const seconds = Math.round(this.#since(this.#lastSetAt) / 1000);
    return `The discovery ${this.#name} last named servers ${seconds} s ago: ${this.#lastError}`;
  }

  stats(): DiscoveryStats {
    const ago = (at: number | undefined) => (at === undefined ? undefined : this.#since(at));
    return {
      name: this.#name,
      servers: this.targets.length,
      lastSetMs: ago(this.#lastSetAt),
      lastChangeMs: ago(this.#lastChangeAt),
      lastErrorMs: ago(this.#lastErrorAt),
      lastError: this.#lastError,
      isFailing: this.#isFailing,
    };
  }

  #since(at = 0): number {
    return this.#now() - at;
  }
}
