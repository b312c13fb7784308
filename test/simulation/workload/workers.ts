/** So many handlers work at a time; others wait for their turn, first come, first served. */
export class Workers {
  readonly #count: number;
  readonly #waiting = new Set<() => void>();
  #busy = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /**
   * Works once there is a worker: at once, or later. `leave` says that the work is over, or that nobody
   * wants it any more; it may be called more than once.
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
