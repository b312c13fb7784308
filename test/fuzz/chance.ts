import { seededRandom } from '../support/random.js';

/** Randomness for one message: the same for the same seed and number. */
export class Chance {
  readonly #random: () => number;

  constructor(seed: number, number: number) {
    this.#random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ number);
  }

  /** An integer from 0 (included) to `below` (excluded). */
  below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
