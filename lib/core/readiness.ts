/** What a readiness check said, and how long that holds. */
export class Readiness {
  readonly #validFor: number;
  #isReady = true;
  #checkedAt = -Infinity;

  /** @param validFor how long an answer holds, in ms */
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
