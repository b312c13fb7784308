/** An event at a certain time, unless it is cancelled. */
export interface Happening {
  readonly at: number;
  /** Events at the same time keep the order in which they were scheduled. */
  readonly order: number;
  /** Undefined once cancelled. */
  run: (() => void) | undefined;
}

/** Future events, earliest first: a binary heap. */
export class EventQueue {
  readonly #heap: Happening[] = [];
  #planned = 0;

  get nextAt(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  add(at: number, run: () => void): Happening {
    const happening: Happening = { at, order: this.#planned++, run };
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (!parent || isBefore(parent, happening)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = happening;
    return happening;
  }

  take(): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!last || last === first) return first;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      const isRight = left && right && isBefore(right, left);
      const child = isRight ? right : left;
      if (!child || isBefore(last, child)) break;
      heap[place] = child;
      place = 2 * place + (isRight ? 2 : 1);
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
