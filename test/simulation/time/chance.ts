import { seededRandom } from '../../support/random.js';

/** All randomness of a world. Each part of it draws from a stream of its own. */
export class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    // Similar seeds start with similar numbers, so the first ones are discarded.
    for (let i = 0; i < 4; i++) this.#random();
  }

  /** Draws of one part do not change those of another. */
  fork(): Chance {
    return new Chance(this.whole(0, 2 ** 31));
  }

  /** From 0 (included) to 1 (excluded). */
  readonly next = (): number => this.#random();

  between(low: number, high: number): number {
    return low + this.#random() * (high - low);
  }

  /** Both bounds included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  /** Uniform by order of magnitude. */
  magnitude(low: number, high: number): number {
    return low * (high / low) ** this.#random();
  }

  /** Exponential, as between independent events. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.#random());
  }

  isTrue(probability: number): boolean {
    return this.#random() < probability;
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.#random() * choices.length)] ?? choices[0];
  }

  /** Each item with that probability. */
  someOf<T>(choices: readonly T[], probability: number): T[] {
    return choices.filter(() => this.isTrue(probability));
  }
}
