/** Below this, neighbours are joined early: a Buffer of its own costs more than a hundred bytes. */
const SMALL = 16_384;

/**
 * Bytes that came in pieces, until they are complete. However small the pieces are, they take about as much memory as
 * the bytes themselves.
 */
export class Pieces {
  #pieces: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Of how many Buffers they are made. */
  get count(): number {
    return this.#pieces.length;
  }

  /** Each byte is copied at most log2(SMALL) times: a piece is joined only with one that is no longer than itself. */
  push(piece: Buffer): void {
    this.#bytes += piece.length;
    let last = piece;
    for (;;) {
      const before = this.#pieces.at(-1);
      if (before === undefined || last.length >= SMALL || before.length > last.length) break;
      this.#pieces.pop();
      last = Buffer.concat([before, last]);
    }
    this.#pieces.push(last);
  }

  /** All of them as one; none are left. */
  take(): Buffer {
    const [only] = this.#pieces;
    const joined =
      this.#pieces.length === 1 && only ? only : Buffer.concat(this.#pieces, this.#bytes);
    this.clear();
    return joined;
  }

  clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }
}
