interface Spot<T> {
  readonly item: T;
  ahead: Spot<T> | undefined;
  behind: Spot<T> | undefined;
}

/** Items in the order in which they came. Each can leave from anywhere, at once, however many there are. */
export class WaitingLine<T> {
  readonly #spots = new Map<T, Spot<T>>();
  #first: Spot<T> | undefined;
  #last: Spot<T> | undefined;

  get size(): number {
    return this.#spots.size;
  }

  /** @param item not in the line yet */
  join(item: T): void {
    const spot: Spot<T> = { item, ahead: this.#last, behind: undefined };
    if (this.#last) this.#last.behind = spot;
    else this.#first = spot;
    this.#last = spot;
    this.#spots.set(item, spot);
  }

  /** Whether it was in the line. */
  leave(item: T): boolean {
    const spot = this.#spots.get(item);
    if (!spot) return false;
    this.#spots.delete(item);
    if (spot.ahead) spot.ahead.behind = spot.behind;
    else this.#first = spot.behind;
    if (spot.behind) spot.behind.ahead = spot.ahead;
    else this.#last = spot.ahead;
    return true;
  }

  /** From the first to the last. */
  *[Symbol.iterator](): Generator<T> {
    for (let spot = this.#first; spot; spot = spot.behind) yield spot.item;
  }

  get first(): T | undefined {
    return this.#first?.item;
  }

  /** The first leaves. */
  shift(): T | undefined {
    const item = this.first;
    if (item !== undefined) this.leave(item);
    return item;
  }
}
