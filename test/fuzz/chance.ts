import { seededRandom } from '../support/random.js';

/** What one message is made by: of a seed and a number always the same one. */
export class Chance {
  readonly #random: () => number;

  constructor(seed: number, number: number) {
    this.#random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ number);
  }

  /** A whole number from 0 up to, not including, that one. */
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
