/** Values that a server may send before it hears from the reader. */
export const INITIAL_CREDIT = 16;

/** Bytes that may be in flight to a reader: some milliseconds of a fast network. */
const WINDOW_BYTES = 8 * 1024 * 1024;

/** However large values are, a second one may be in flight while the reader has the first. */
const FEWEST_VALUES = 2;

/** Upper bound in values, for small values. */
const MOST_VALUES = 1024;

/** The weight of the latest value in the average size. */
const LATEST = 1 / 8;

/**
 * The reader's side of credit-based flow control: how far a stream may run ahead of its reader. The window is kept in
 * bytes and granted in values, by the average size of those received.
 *
 * Source of the principle: HTTP/2, RFC 9113, section 5.2; like there, half a window is granted at a time.
 */
export class CreditWindow {
  #granted = INITIAL_CREDIT;
  /** The width of the window at the latest grant. */
  #width = INITIAL_CREDIT;
  #unread = 0;
  #averageBytes: number | undefined;

  arrived(bytes: number): void {
    this.#granted--;
    this.#unread++;
    this.#averageBytes =
      this.#averageBytes === undefined
        ? bytes
        : this.#averageBytes + (bytes - this.#averageBytes) * LATEST;
  }

  /** The reader took a value. @returns how many more values to grant; 0 while a message is not worth it */
  read(): number {
    this.#unread--;
    const size = this.#size;
    const open = this.#granted + this.#unread;
    const missing = size - open;
    // The window does not widen before half of it is used: a short stream is over by then.
    if (missing < size / 2 || open > this.#width / 2) return 0;
    this.#granted += missing;
    this.#width = size;
    return missing;
  }

  get #size(): number {
    const fitting = Math.floor(WINDOW_BYTES / Math.max(this.#averageBytes ?? 1, 1));
    return Math.min(Math.max(fitting, FEWEST_VALUES), MOST_VALUES);
  }
}
