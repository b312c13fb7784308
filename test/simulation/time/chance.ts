import { seededRandom } from '../../support/random.js';

/** All chance of a world. Each part of it draws from a stream of its own. */
export class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    // Neighbouring seeds begin alike: the first numbers are thrown away.
    for (let i = 0; i < 4; i++) this.#random();
  }

  /** Draws of one part do not change those of another. */
  fork(): Chance {
    return new Chance(this.whole(0, 2 ** 31));
  }

  /** From 0 up to, not including, 1. */
  readonly next = (): number => this.#random();

  between(low: number, high: number): number {
    return low + this.#random() * (high - low);
  }

  /** Both ends included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  /** Small and large alike: evenly by order of magnitude. */
  magnitude(low: number, high: number): number {
    return low * (high / low) ** this.#random();
  }

  /** As between events that know nothing of each other. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.#random());
  }

  isTrue(probability: number): boolean {
    return this.#random() < probability;
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.#random() * choices.length)] ?? choices[0];
  }

  /** Each of these with that probability. */
  someOf<T>(choices: readonly T[], probability: number): T[] {
    return choices.filter(() => this.isTrue(probability));
  }
}
