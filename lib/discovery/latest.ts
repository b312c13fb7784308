/** Values for one reader that takes the latest only. */
export class Latest<Value> implements AsyncIterable<Value> {
  #waiting: { readonly value: Value } | undefined;
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

  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
    while (!this.#isOver) {
      const next = this.#waiting;
      this.#waiting = undefined;
      if (next) yield next.value;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
