/** Turns of the event loop, each of which ends only when a test says so. */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  readonly atTurnEnd = (run: () => void): void => {
    this.#waiting.push(run);
  };

  /** What waits for the end of this turn runs. */
  end(): void {
    for (const run of this.#waiting.splice(0)) run();
  }
}
