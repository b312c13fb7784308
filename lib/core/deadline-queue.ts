/** Something that is due at a moment. The queue keeps its place in it, so that removal is cheap. */
export interface Deadline {
  /** When, in ms of the agent's clock. Not to be changed while in a queue. */
  dueAt: number;
  /** Kept by the queue; `NOT_QUEUED` outside of one. */
  place: number;
}

export const NOT_QUEUED = -1;

/**
 * Deadlines in the order in which they fall due: a binary heap whose items know their place. Adding
 * the latest deadline, the usual case, touches one item.
 */
export class DeadlineQueue<T extends Deadline> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get nextDueAt(): number {
    return this.#heap[0]?.dueAt ?? Infinity;
  }

  add(item: T, dueAt: number): void {
    this.remove(item);
    item.dueAt = dueAt;
    this.#heap.push(item);
    this.#rise(item, this.#heap.length - 1);
  }

  remove(item: T): void {
    const place = item.place;
    if (place === NOT_QUEUED) return;
    item.place = NOT_QUEUED;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    if (last.dueAt < item.dueAt) this.#rise(last, place);
    else this.#sink(last, place);
  }

  /** Takes one item that is due, the earliest first. */
  takeDue(now: number): T | undefined {
    const first = this.#heap[0];
    if (!first || first.dueAt > now) return undefined;
    this.remove(first);
    return first;
  }

  #rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = this.#heap[(place - 1) >> 1];
      if (!parent || parent.dueAt <= item.dueAt) break;
      place = this.#put(parent, place, parent.place);
    }
    this.#put(item, place, place);
  }

  #sink(item: T, from: number): void {
    let place = from;
    for (;;) {
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      const child = right && left && right.dueAt < left.dueAt ? right : left;
      if (!child || child.dueAt >= item.dueAt) break;
      place = this.#put(child, place, child.place);
    }
    this.#put(item, place, place);
  }

  /** Puts the item there and returns the place that this leaves open. */
  #put(item: T, place: number, vacated: number): number {
    this.#heap[place] = item;
    item.place = place;
    return vacated;
  }
}
