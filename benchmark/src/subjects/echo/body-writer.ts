import type { Socket } from 'node:net';
import { HEAD_BYTES, IS_BYTES } from './body-head.js';

/** Enough for what one turn of the event loop writes at 1024 small calls in flight. */
const SLAB_BYTES = 256 * 1024;

/** The most bytes that one UTF-16 code unit takes in UTF-8. */
const BYTES_PER_CHARACTER = 3;

/** Writes all bodies of one turn of the event loop to a socket at once. */
export class BodyWriter {
  readonly #socket: Socket;
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #begin = 0;
  #end = 0;
  #isFlushing = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(body: unknown): void {
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      this.#socket.cork();
      queueMicrotask(() => this.#flush());
    }
    if (Buffer.isBuffer(body)) this.#writeBytes(body);
    else this.#writeText(JSON.stringify(body));
  }

  #writeText(text: string): void {
    const most = HEAD_BYTES + text.length * BYTES_PER_CHARACTER;
    if (most > SLAB_BYTES) {
      const bytes = Buffer.from(text);
      this.#writeHead(bytes.length);
      this.#hand(bytes);
      return;
    }
    this.#makeRoom(most);
    const length = this.#slab.write(text, this.#end + HEAD_BYTES);
    this.#slab.writeUInt32LE(length, this.#end);
    this.#end += HEAD_BYTES + length;
  }

  #writeBytes(bytes: Buffer): void {
    this.#writeHead((bytes.length | IS_BYTES) >>> 0);
    this.#hand(bytes);
  }

  #writeHead(head: number): void {
    this.#makeRoom(HEAD_BYTES);
    this.#slab.writeUInt32LE(head, this.#end);
    this.#end += HEAD_BYTES;
  }

  #hand(bytes: Buffer): void {
    this.#handSlab();
    this.#socket.write(bytes);
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= SLAB_BYTES) return;
    this.#handSlab();
    // The old slab belongs to the socket until it has been written.
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#begin = 0;
    this.#end = 0;
  }

  #handSlab(): void {
    if (this.#end === this.#begin) return;
    this.#socket.write(this.#slab.subarray(this.#begin, this.#end));
    this.#begin = this.#end;
  }

  #flush(): void {
    this.#isFlushing = false;
    this.#handSlab();
    this.#socket.uncork();
  }
}
