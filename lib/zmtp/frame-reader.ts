import type { Frame } from '../frame.js';
import { COMMAND, isValid, LONG, MORE } from './frame-flags.js';
import { Pieces } from './pieces.js';

/** - `wait`: more bytes are needed. - `invalid`: the flags are invalid. - `too-large`: `size` exceeds the limit. */
export type Reading = 'frame' | 'wait' | 'invalid' | 'too-large';

const NOTHING = Buffer.alloc(0);

const SHORT_HEADER = 2;

/** Any part may keep a chunk up to this size alive, which is the size of Node's own Buffer pool. */
const POOL_BYTES = 8192;

/** A part may keep a larger chunk alive only if it is at least this fraction (1/16) of the chunk. */
const KEEPS_ALIVE = 16;

/**
 * Bytes in, frames out. A frame is checked as soon as its flags and its size have arrived. No memory is allocated by the size
 * that a frame states.
 */
export class FrameReader {
  /** Flags of the current frame. */
  flags = 0;
  size = 0;
  /** The largest body that is accepted. */
  limit = 0;
  commandLimit = 0;

  #chunk: Buffer = NOTHING;
  #at = 0;
  #later: Buffer[] | undefined;
  #part: 'flags' | 'size' | 'body' = 'flags';
  #sizeOctets = 0;
  #pieces: Pieces | undefined;
  #body: Frame = NOTHING;

  push(chunk: Buffer): void {
    // Waiting chunks come first, even if reading stopped at the very end of a chunk.
    if (this.#at === this.#chunk.length && !this.#later?.length) this.#turnTo(chunk);
    else (this.#later ??= []).push(chunk);
  }

  /** The next octet, outside of frames; undefined if it has not arrived. */
  octet(): number | undefined {
    if (this.#at === this.#chunk.length && !this.#advance()) return undefined;
    return this.#chunk[this.#at++];
  }

  next(): Reading {
    if (this.#readWhole()) return 'frame';
    if (this.#part === 'flags') {
      const flags = this.octet();
      if (flags === undefined) return 'wait';
      this.flags = flags;
      if (!isValid(flags)) return 'invalid';
      this.#part = 'size';
      this.size = 0;
      this.#sizeOctets = flags & LONG ? 8 : 1;
    }
    if (this.#part === 'size') {
      for (; this.#sizeOctets > 0; this.#sizeOctets--) {
        const octet = this.octet();
        if (octet === undefined) return 'wait';
        // Inexact beyond 2^53, which is far above every limit.
        this.size = this.size * 256 + octet;
      }
      if (this.size > (this.flags & COMMAND ? this.commandLimit : this.limit)) return 'too-large';
      this.#part = 'body';
    }
    return this.#readBody();
  }

  /** The body of a `frame`; may be taken once. */
  takeBody(): Frame {
    const body = this.#body;
    this.#body = NOTHING;
    return body;
  }

  /** Discards everything received. */
  clear(): void {
    this.#chunk = NOTHING;
    this.#at = 0;
    this.#later = undefined;
    this.#pieces = undefined;
    this.#body = NOTHING;
  }

  /** The fast path for most frames: short, part of a message, and complete. */
  #readWhole(): boolean {
    const at = this.#at;
    const end = this.#chunk.length;
    if (this.#part !== 'flags' || end - at < SHORT_HEADER) return false;
    const flags = this.#chunk[at] ?? 0;
    const size = this.#chunk[at + 1] ?? 0;
    if (flags > MORE || size > this.limit || at + SHORT_HEADER + size > end) return false;
    this.flags = flags;
    this.size = size;
    this.#at = at + SHORT_HEADER;
    this.#body = this.#cut(at + SHORT_HEADER + size);
    return true;
  }

  #readBody(): Reading {
    let missing = this.size - (this.#pieces?.bytes ?? 0);
    while (this.#chunk.length - this.#at < missing) {
      if (this.#at < this.#chunk.length) {
        const rest = this.#cut(this.#chunk.length);
        (this.#pieces ??= new Pieces()).push(rest);
        missing -= rest.length;
      }
      if (!this.#advance()) return 'wait';
    }
    const last = this.#cut(this.#at + missing);
    if (this.#pieces) {
      this.#pieces.push(last);
      this.#body = this.#pieces.take();
      this.#pieces = undefined;
    } else {
      this.#body = last;
    }
    this.#part = 'flags';
    return 'frame';
  }

  /** Cuts from the current position: a part of the chunk, or a copy if the part would keep much more than itself alive. */
  #cut(end: number): Buffer {
    const start = this.#at;
    this.#at = end;
    const length = end - start;
    if (length === 0) return NOTHING;
    const kept = this.#chunk.buffer.byteLength;
    if (kept <= POOL_BYTES || length * KEEPS_ALIVE >= kept) return this.#chunk.subarray(start, end);
    const copy = Buffer.allocUnsafe(length);
    this.#chunk.copy(copy, 0, start, end);
    return copy;
  }

  /** @returns whether there are more bytes */
  #advance(): boolean {
    for (;;) {
      const chunk = this.#later?.shift();
      this.#turnTo(chunk ?? NOTHING);
      if (!chunk) return false;
      if (chunk.length > 0) return true;
    }
  }

  #turnTo(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }
}
