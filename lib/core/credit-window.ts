/** Values that a server may send before it hears anything of their reader. */
export const INITIAL_CREDIT = 16;

/** What may be under way to a reader, in bytes: some milliseconds of a fast network. */
const WINDOW_BYTES = 8 * 1024 * 1024;

/** However large a value is, a second one may be under way while the first is read. */
const FEWEST_VALUES = 2;

/** However small they are: so many keep a stream busy between two grants (4096 are no faster). */
const MOST_VALUES = 1024;

/** The weight of the latest value in the average of their sizes. */
const LATEST = 1 / 8;

/**
 * The reader's side of credit-based flow control: how far a stream may run ahead of who reads it. The
 * window is kept in bytes and granted in values, by the average size of those that came.
 *
 * Source of the principle: HTTP/2, RFC 9113, section 5.2; grants at half a window, as there.
 */
export class CreditWindow {
  #granted = INITIAL_CREDIT;
  /** How wide it was at the latest grant. */
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

  /** A value was read. @returns how many more values to grant; 0 while it is not yet worth a message */
  read(): number {
    this.#unread--;
    const size = this.#size;
    const open = this.#granted + this.#unread;
    const missing = size - open;
    // Nor is it widened before half of it is used: a short stream is over by then.
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
