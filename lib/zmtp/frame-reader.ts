import { COMMAND, isValid, LONG, MORE } from './frame-flags.js';
import { Pieces } from './pieces.js';

/** - `wait`: for more bytes. - `invalid`: the flags make no sense. - `too-large`: `size` is beyond the limit. */
export type Reading = 'frame' | 'wait' | 'invalid' | 'too-large';

const NOTHING = Buffer.alloc(0);

const SHORT_HEADER = 2;

/** A chunk up to this size may be kept alive by any part of it: as much as the pool of Node's own Buffers. */
const POOL_BYTES = 8192;

/** A part keeps a larger chunk alive only if it is this much of it. */
const KEEPS_ALIVE = 16;

/**
 * Bytes in, frames out. A frame is looked at as soon as its flags and its size are there; no memory is taken by the
 * size that it states.
 */
export class FrameReader {
  /** Of the present frame. */
  flags = 0;
  size = 0;
  /** The largest body that is taken. */
  limit = 0;
  commandLimit = 0;

  #chunk: Buffer = NOTHING;
  #at = 0;
  #later: Buffer[] | undefined;
  #part: 'flags' | 'size' | 'body' = 'flags';
  #sizeOctets = 0;
  #pieces: Pieces | undefined;
  #body: Buffer = NOTHING;

  push(chunk: Buffer): void {
    // What waits already comes first, also where reading has stopped at the very end of a chunk.
    if (this.#at === this.#chunk.length && !this.#later?.length) this.#turnTo(chunk);
    else (this.#later ??= []).push(chunk);
  }

  /** The next octet, outside of frames; undefined if there is none yet. */
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
        // Not exact beyond 2^53, which is far above every limit.
        this.size = this.size * 256 + octet;
      }
      if (this.size > (this.flags & COMMAND ? this.commandLimit : this.limit)) return 'too-large';
      this.#part = 'body';
    }
    return this.#readBody();
  }

  /** Of a `frame`, once. */
  takeBody(): Buffer {
    const body = this.#body;
    this.#body = NOTHING;
    return body;
  }

  /** Forgets all that came. */
  clear(): void {
    this.#chunk = NOTHING;
    this.#at = 0;
    this.#later = undefined;
    this.#pieces = undefined;
    this.#body = NOTHING;
  }

  /** What most frames are: short, of a message, and there as a whole. */
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

  /** From where reading is, as a part of the chunk, or as a copy if it would keep much more than itself alive. */
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
