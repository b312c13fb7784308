import { type Frame, LongFrame } from '../frame.js';

/** Smaller neighbours are joined early: the overhead of a Buffer exceeds a hundred bytes. */
const SMALL = 16_384;

/** Fewer bytes are cheap to join. */
const LONG = 2 * SMALL;

/**
 * Collects bytes that arrive in pieces. However small the pieces are, they take about as much memory as their bytes.
 */
export class Pieces {
  #pieces: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** The number of Buffers held. */
  get count(): number {
    return this.#pieces.length;
  }

  /** Copies each byte at most log2(SMALL) times: a piece is joined only with one that is no longer than itself. */
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

  /** Returns all bytes as one frame and starts over. A short frame is joined, since it may hold headers or a command. */
  take(): Frame {
    const [only] = this.#pieces;
    const frame = only && this.#pieces.length === 1 ? only : this.#joined();
    this.clear();
    return frame;
  }

  clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }

  #joined(): Frame {
    return this.#bytes < LONG
      ? Buffer.concat(this.#pieces)
      : new LongFrame(this.#pieces, this.#bytes);
  }
}
