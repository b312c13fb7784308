interface Spot<T> {
  readonly item: T;
  ahead: Spot<T> | undefined;
  behind: Spot<T> | undefined;
  hasLeft: boolean;
}

/** A queue whose items can leave from anywhere in constant time. */
export class WaitingLine<T> {
  readonly #spots = new Map<T, Spot<T>>();
  #first: Spot<T> | undefined;
  #last: Spot<T> | undefined;

  get size(): number {
    return this.#spots.size;
  }

  /** @param item not in the queue yet */
  join(item: T): void {
    const spot: Spot<T> = { item, ahead: this.#last, behind: undefined, hasLeft: false };
    if (this.#last) this.#last.behind = spot;
    else this.#first = spot;
    this.#last = spot;
    this.#spots.set(item, spot);
  }

  /** @returns whether it was in the queue */
  leave(item: T): boolean {
    const spot = this.#spots.get(item);
    if (!spot) return false;
    this.#spots.delete(item);
    spot.hasLeft = true;
    if (spot.ahead) spot.ahead.behind = spot.behind;
    else this.#first = spot.behind;
    if (spot.behind) spot.behind.ahead = spot.ahead;
    else this.#last = spot.ahead;
    return true;
  }

  /** From first to last. */
  *[Symbol.iterator](): Generator<T> {
    for (let spot = this.#first; spot; spot = spot.behind) if (!spot.hasLeft) yield spot.item;
  }

  get first(): T | undefined {
    return this.#first?.item;
  }

  /** Removes the first item. */
  shift(): T | undefined {
    const item = this.first;
    if (item !== undefined) this.leave(item);
    return item;
  }
}
