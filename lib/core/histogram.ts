/** Each power of two is divided into this many slots, as a power of two itself. */
const SLOT_BITS = 5;
const SLOTS = 2 ** SLOT_BITS;

/** Larger values share the last slot: 35 minutes, if the unit is a microsecond. The largest 32-bit integer. */
const LARGEST = 2 ** 31 - 1;

const FEWEST_SLOTS = 2 * SLOTS;

/**
 * Counts values in slots whose width grows with the value: a log-linear histogram. A quantile is off by at most 1/64 of its
 * value (half a slot), or by half a unit where values are below 64; only sum and maximum tell how large values of more than
 * 2³¹ are. It never has more than 1024 slots (8 KiB), and no more than its largest value needs. Source: G. Tene, HdrHistogram.
 */
export class Histogram {
  /** Not a typed array of integers: a busy server counts past 2³² within a day. */
  #slots = new Float64Array(FEWEST_SLOTS);
  #count = 0;
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** Exact. */
  get sum(): number {
    return this.#sum;
  }

  /** Exact; 0 if nothing was recorded. */
  get max(): number {
    return this.#max;
  }

  /** @param value what is negative, infinite or no number counts as 0 */
  record(value: number): void {
    const known = value > 0 && value < Infinity ? value : 0;
    const slot = slotOf(known);
    if (slot >= this.#slots.length) this.#grow(slot);
    this.#slots[slot] = (this.#slots[slot] ?? 0) + 1;
    this.#count++;
    this.#sum += known;
    if (known > this.#max) this.#max = known;
  }

  /** Adds everything that the other one has counted. */
  add(other: Histogram): void {
    const slots = other.#slots;
    if (slots.length > this.#slots.length) this.#grow(slots.length - 1);
    for (let slot = 0; slot < slots.length; slot++)
      this.#slots[slot] = (this.#slots[slot] ?? 0) + (slots[slot] ?? 0);
    this.#count += other.#count;
    this.#sum += other.#sum;
    if (other.#max > this.#max) this.#max = other.#max;
  }

  /**
   * The value that this share of the values does not exceed.
   *
   * @param quantile from 0 to 1
   * @returns undefined if nothing was recorded
   */
  quantile(quantile: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(Math.ceil(quantile * this.#count), 1);
    let seen = 0;
    for (let slot = 0; slot < this.#slots.length; slot++) {
      seen += this.#slots[slot] ?? 0;
      if (seen >= rank) return Math.min(middleOf(slot), this.#max);
    }
    return this.#max;
  }

  /**
   * For each bound, how many values do not exceed it. A slot that contains a bound counts as below it if its middle is.
   *
   * @param bounds in ascending order
   */
  cumulative(bounds: readonly number[]): number[] {
    const counts: number[] = [];
    let slot = 0;
    let seen = 0;
    for (const bound of bounds) {
      while (slot < this.#slots.length && middleOf(slot) <= bound) seen += this.#slots[slot++] ?? 0;
      counts.push(seen);
    }
    return counts;
  }

  #grow(slot: number): void {
    const slots = new Float64Array(Math.max(2 * this.#slots.length, slot + 1));
    slots.set(this.#slots);
    this.#slots = slots;
  }
}

/** Values below two times `SLOTS` have a slot each; above, the top bits of a value choose its slot. */
function slotOf(value: number): number {
  const whole = Math.min(value, LARGEST) | 0;
  const shift = 31 - Math.clz32(whole | SLOTS) - SLOT_BITS;
  return (shift << SLOT_BITS) + (whole >>> shift);
}

function middleOf(slot: number): number {
  if (slot < 2 * SLOTS) return slot + 0.5;
  const shift = (slot >>> SLOT_BITS) - 1;
  const lowest = (slot - (shift << SLOT_BITS)) * 2 ** shift;
  return lowest + 2 ** shift / 2;
}
