/** Names can be chosen by peers and by users' data, and a meter has a histogram of up to 8 KiB. */
const MOST_NAMES = 200;

/** What a table needs of a meter. */
export interface Meter<Self> {
  readonly pending: number;
  /** Adds everything that the other one has counted. */
  add(other: Self): void;
}

/** A meter for each name, up to 200. All further names share one. */
export class MeterTable<M extends Meter<M>> {
  readonly #make: () => M;
  readonly #forgets: boolean;
  readonly #meters = new Map<string, M>();
  #others: M;

  /** @param forgets whether a new name takes the place of the least recently used one that has nothing open; what that counted is kept in sum */
  constructor(make: () => M, forgets: boolean) {
    this.#make = make;
    this.#forgets = forgets;
    this.#others = make();
  }

  of(name: string): M {
    const known = this.#meters.get(name);
    if (known) {
      // The first idle one is then the least recently used. One with open calls keeps its place: it is not idle.
      if (this.#forgets && known.pending === 0) this.#moveToEnd(name, known);
      return known;
    }
    if (this.#meters.size >= MOST_NAMES && !this.#madeRoom()) return this.#others;
    const meter = this.#make();
    this.#meters.set(name, meter);
    return meter;
  }

  /** Of the names that have none of their own. */
  get others(): M {
    return this.#others;
  }

  /** What all of them have counted. */
  sum(): M {
    const sum = this.#make();
    sum.add(this.#others);
    for (const meter of this.#meters.values()) sum.add(meter);
    return sum;
  }

  /** What was read of each, by name: in the order in which the names came or, where they are forgotten, were used last. */
  list<Stats>(read: (meter: M) => Stats): Record<string, Stats> {
    return Object.fromEntries(Array.from(this.#meters, ([name, meter]) => [name, read(meter)]));
  }

  #moveToEnd(name: string, meter: M): void {
    this.#meters.delete(name);
    this.#meters.set(name, meter);
  }

  #madeRoom(): boolean {
    if (!this.#forgets) return false;
    for (const [name, meter] of this.#meters) {
      if (meter.pending > 0) continue;
      this.#meters.delete(name);
      this.#others.add(meter);
      return true;
    }
    return false;
  }
}
