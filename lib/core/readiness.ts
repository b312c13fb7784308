/** The latest result of a readiness check, and how long it is valid. */
export class Readiness {
  readonly #validFor: number;
  #isReady = true;
  #checkedAt = -Infinity;

  /** @param validFor how long a result is valid, in ms */
  constructor(validFor: number) {
    this.#validFor = validFor;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  isStale(now: number): boolean {
    return now - this.#checkedAt >= this.#validFor;
  }

  checked(isReady: boolean, now: number): void {
    this.#isReady = isReady;
    this.#checkedAt = now;
  }
}
