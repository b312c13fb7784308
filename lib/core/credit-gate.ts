/** What may wait for credit before its maker is stopped: a source that cannot be paced has an end. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;
const MOST_WAITING_VALUES = 65_536;

/** The writer's side of credit-based flow control: values pass while there is credit, then wait. */
export class CreditGate<T extends { readonly content: { readonly length: number } }> {
  #credit: number;
  #waiting: T[] = [];
  /** How many at the front of those have passed: to take each out would move all the others. */
  #passed = 0;
  #waitingBytes = 0;

  /** @param credit values that may pass at once; Infinity for a reader that knows no credit */
  constructor(credit: number) {
    this.#credit = credit;
  }

  get isOpen(): boolean {
    return this.#credit > 0 && this.isEmpty;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === this.#passed;
  }

  /** More is waiting than may wait. */
  get isOverfull(): boolean {
    const waiting = this.#waiting.length - this.#passed;
    return this.#waitingBytes > MOST_WAITING_BYTES || waiting > MOST_WAITING_VALUES;
  }

  /** Whether the value may go now. If not, it waits for its credit. */
  pass(value: T): boolean {
    if (this.isOpen) {
      this.#credit--;
      return true;
    }
    this.#waiting.push(value);
    this.#waitingBytes += value.content.length;
    return false;
  }

  /** @returns the values that may go now, in their order */
  grant(credit: number): T[] {
    this.#credit += credit;
    const released = this.#waiting.slice(this.#passed, this.#passed + this.#credit);
    this.#passed += released.length;
    this.#credit -= released.length;
    for (const { content } of released) this.#waitingBytes -= content.length;
    // Once half of them have passed, what moves is less than what has passed since it last moved.
    if (this.#passed * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#passed);
      this.#passed = 0;
    }
    return released;
  }
}
