/** Turns of the event loop that end only when a test says so. */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  readonly atTurnEnd = (run: () => void): void => {
    this.#waiting.push(run);
  };

  /** Runs what waits for the end of this turn. */
  end(): void {
    for (const run of this.#waiting.splice(0)) run();
  }
}
