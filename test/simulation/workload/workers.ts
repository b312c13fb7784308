/** A fixed number of handlers works at a time; others wait in order of arrival. */
export class Workers {
  readonly #count: number;
  readonly #waiting = new Set<() => void>();
  #busy = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /**
   * Works as soon as a worker is free. `leave` says that the work is over or no longer wanted; it may be called more than
   * once.
   */
  enter(work: (leave: () => void) => void): () => void {
    let hasLeft = false;
    const leave = () => {
      if (hasLeft) return;
      hasLeft = true;
      if (!this.#waiting.delete(begin)) this.#next();
    };
    const begin = () => work(leave);
    if (this.#busy < this.#count) {
      this.#busy++;
      begin();
    } else {
      this.#waiting.add(begin);
    }
    return leave;
  }

  #next(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#busy--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
