/** Values for one reader that takes the latest only. */
export class LatestValue<Value> implements AsyncIterable<Value> {
  #waiting: { readonly value: Value } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isOver = false;
  #wake = () => {};

  /** Whether a value waits to be taken. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  put(value: Value): void {
    this.#waiting = { value };
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** The reader gets the error in place of further values. Of several, the first counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
    while (!this.#isOver) {
      const next = this.#waiting;
      this.#waiting = undefined;
      if (next) yield next.value;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#failure) throw this.#failure.error;
  }
}
