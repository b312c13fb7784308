/** Counts the open calls of an agent, to say when none is open any more. */
export class CallTracker {
  #open = 0;
  readonly #waiting: (() => void)[] = [];

  opened(): void {
    this.#open++;
  }

  ended(): void {
    this.#open--;
    if (this.#open === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves once no call is open; at once if none is. */
  idle(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
