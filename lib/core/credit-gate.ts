/** Bounds of what may wait for credit. Past them the handler's source is stopped, since it cannot be paced. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;
const MOST_WAITING_VALUES = 65_536;

/** The writer's side of credit-based flow control: values pass while there is credit, then they wait. */
export class CreditGate<T extends { readonly content: { readonly length: number } }> {
  #credit: number;
  #waiting: T[] = [];
  /** How many values at the front have passed. Removing each one would move all the others. */
  #passed = 0;
  #waitingBytes = 0;

  /** @param credit values that may pass at once; Infinity for a reader without flow control */
  constructor(credit: number) {
    this.#credit = credit;
  }

  get isOpen(): boolean {
    return this.#credit > 0 && this.isEmpty;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === this.#passed;
  }

  /** More is waiting than the bounds allow. */
  get isOverfull(): boolean {
    const waiting = this.#waiting.length - this.#passed;
    return this.#waitingBytes > MOST_WAITING_BYTES || waiting > MOST_WAITING_VALUES;
  }

  /** Whether the value may go now. If not, it waits for credit. */
  pass(value: T): boolean {
    if (this.isOpen) {
      this.#credit--;
      return true;
    }
    this.#waiting.push(value);
    this.#waitingBytes += value.content.length;
    return false;
  }

  /** @returns the values that may go now, in order */
  grant(credit: number): T[] {
    this.#credit += credit;
    const released = this.#waiting.slice(this.#passed, this.#passed + this.#credit);
    this.#passed += released.length;
    this.#credit -= released.length;
    for (const { content } of released) this.#waitingBytes -= content.length;
    // Compacting only once half have passed keeps the cost linear.
    if (this.#passed * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#passed);
      this.#passed = 0;
    }
    return released;
  }
}
