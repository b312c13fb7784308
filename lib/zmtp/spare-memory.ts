/** How much memory may wait to be used again, in bytes. */
const MOST_KEPT_BYTES = 2 * 1024 * 1024;

/**
 * A text may take a spare that is at most this many times as long. Otherwise short texts that wait for a client that does not
 * read would each hold the memory of a long one, and limits count the bytes of the texts.
 */
const MOST_TIMES_AS_LONG = 2;

/**
 * Memory for long text on its way out, used again once the text has left.
 *
 * Fresh memory of that size comes from the system page by page, and touching a page for the first time costs more than
 * encoding the text into it: `npm run bench -- --only payloads`, JSON of 1 MB.
 */
export class SpareMemory {
  /** In the order in which they came back. */
  readonly #spares: Buffer[] = [];
  #keptBytes = 0;
  /** By the memory that the text is in. What is never given back is collected as garbage. */
  readonly #lent = new WeakMap<ArrayBufferLike, Loan>();

  /** @returns at least that many bytes */
  lend(bytes: number): Buffer {
    // The one that came back last is most likely in the cache of the processor.
    const index = this.#spares.findLastIndex(
      ({ length }) => length >= bytes && length <= bytes * MOST_TIMES_AS_LONG,
    );
    const [spare] = index < 0 ? [] : this.#spares.splice(index, 1);
    if (!spare) return Buffer.allocUnsafeSlow(bytes);
    this.#keptBytes -= spare.length;
    return spare;
  }

  /**
   * Text was written into what was lent.
   *
   * @returns the part that holds it
   */
  filled(whole: Buffer, bytes: number): Buffer {
    this.#lent.set(whole.buffer, { whole, end: bytes });
    return whole.subarray(0, bytes);
  }

  /**
   * @returns what to call once that chunk has left, after those before it; undefined for a chunk that is not the last part of
   *   such text
   */
  whenLeft({ buffer, byteOffset, byteLength }: Buffer): (() => void) | undefined {
    const loan = this.#lent.get(buffer);
    if (!loan || byteOffset + byteLength !== loan.end) return undefined;
    return () => this.giveBack(loan.whole);
  }

  /** It may be overwritten from now on. The spares that came back longest ago make room for it. */
  giveBack(whole: Buffer): void {
    this.#lent.delete(whole.buffer);
    if (whole.length > MOST_KEPT_BYTES) return;
    this.#keptBytes += whole.length;
    this.#spares.push(whole);
    while (this.#keptBytes > MOST_KEPT_BYTES) this.#keptBytes -= this.#spares.shift()?.length ?? 0;
  }
}

interface Loan {
  readonly whole: Buffer;
  /** Where the text in it ends. */
  readonly end: number;
}

/** Shared by all connections of this thread. */
export const spareMemory = new SpareMemory();
