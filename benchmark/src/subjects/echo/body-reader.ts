import { HEAD_BYTES, IS_BYTES } from './body-head.js';

/** Splits what a socket reads into bodies, and delivers each as its JSON value or as a Buffer. */
export class BodyReader {
  readonly #found: (body: unknown) => void;
  /** The beginning of an incomplete body. */
  #chunks: Buffer[] = [];
  #kept = 0;
  #needed = HEAD_BYTES;

  constructor(found: (body: unknown) => void) {
    this.#found = found;
  }

  read(chunk: Buffer): void {
    if (this.#kept === 0) {
      this.#readAll(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#kept += chunk.length;
    // Joined once, however many chunks a large body comes in.
    if (this.#kept < this.#needed) return;
    const joined = Buffer.concat(this.#chunks, this.#kept);
    this.#chunks = [];
    this.#kept = 0;
    this.#readAll(joined);
  }

  #readAll(chunk: Buffer): void {
    let at = 0;
    this.#needed = HEAD_BYTES;
    while (chunk.length - at >= HEAD_BYTES) {
      const head = chunk.readUInt32LE(at);
      const begin = at + HEAD_BYTES;
      const end = begin + (head & ~IS_BYTES);
      if (end > chunk.length) {
        this.#needed = end - at;
        break;
      }
      at = end;
      const isBytes = (head & IS_BYTES) !== 0;
      this.#found(
        isBytes ? chunk.subarray(begin, end) : JSON.parse(chunk.toString('utf8', begin, end)),
      );
    }
    if (at === chunk.length) return;
    this.#kept = chunk.length - at;
    this.#chunks.push(chunk.subarray(at));
  }
}
