/** Something that is due at a certain time. The queue stores its index in the heap, so that removal is cheap. */
export interface Deadline {
  /** When it is due, in ms of the agent's clock. Must not change while queued. */
  dueAt: number;
  /** Kept by the queue; `NOT_QUEUED` outside of one. */
  heapIndex: number;
}

export const NOT_QUEUED = -1;

/**
 * Deadlines in the order in which they fall due: a binary heap whose items know their index. Adding the latest
 * deadline, the usual case, touches one item.
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
    const index = item.heapIndex;
    if (index === NOT_QUEUED) return;
    item.heapIndex = NOT_QUEUED;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    if (last.dueAt < item.dueAt) this.#rise(last, index);
    else this.#sink(last, index);
  }

  /** Takes one item that is due, earliest first. */
  takeDue(now: number): T | undefined {
    const first = this.#heap[0];
    if (!first || first.dueAt > now) return undefined;
    this.remove(first);
    return first;
  }

  #rise(item: T, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1];
      if (!parent || parent.dueAt <= item.dueAt) break;
      index = this.#put(parent, index, parent.heapIndex);
    }
    this.#put(item, index, index);
  }

  #sink(item: T, from: number): void {
    let index = from;
    for (;;) {
      const left = this.#heap[2 * index + 1];
      const right = this.#heap[2 * index + 2];
      const child = right && left && right.dueAt < left.dueAt ? right : left;
      if (!child || child.dueAt >= item.dueAt) break;
      index = this.#put(child, index, child.heapIndex);
    }
    this.#put(item, index, index);
  }

  /** Puts the item there and returns the index that this leaves open. */
  #put(item: T, index: number, vacated: number): number {
    this.#heap[index] = item;
    item.heapIndex = index;
    return vacated;
  }
}
