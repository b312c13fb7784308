import { LONG, LONGEST_SHORT } from './frame-flags.js';
import { spareMemory } from './spare-memory.js';

/** Size of the slab that all sessions share for small frames: an idle connection holds none of it. */
const SHARED_BYTES = 65_536;
const LEAST_OWN_BYTES = 4096;

/** Copying this much costs less than another entry of a gathered write. */
const LARGEST_COPY = 4096;

/** Longer text gets a Buffer of its own. */
const LONGEST_TEXT_COPY = 8192;

/** Bytes in UTF-8: of one UTF-16 code unit, and of one character. */
const MAX_UTF8_PER_UNIT = 3;
const LONGEST_CHARACTER = 4;

const SHORT_HEADER = 2;
const LONG_HEADER = 9;

const shared = { slab: Buffer.allocUnsafeSlow(SHARED_BYTES), top: 0 };

/**
 * Outgoing frames: small ones are copied next to each other, large ones are not copied.
 *
 * The first bytes go to a slab that all sessions share. While they wait, further bytes go to a slab of the session's own, of
 * about their size, so that a peer that does not read ties up only about as much memory as its output has bytes.
 */
export class Output {
  #bytes = 0;
  #pieces: Buffer[] = [];
  #slab: Buffer | undefined;
  #isOwn = false;
  #start = 0;
  #end = 0;

  get bytes(): number {
    return this.#bytes;
  }

  take(): Buffer[] {
    this.#cut();
    const pieces = this.#pieces;
    this.#slab = undefined;
    this.#bytes = 0;
    if (pieces.length > 0) this.#pieces = [];
    return pieces;
  }

  bytesOf(bytes: Buffer): void {
    const { length } = bytes;
    if (length > LARGEST_COPY) {
      this.#cut();
      this.#pieces.push(bytes);
      this.#bytes += length;
      return;
    }
    const slab = this.#reserve(length);
    slab.set(bytes, this.#end);
    this.#advance(length);
  }

  frame(flags: number, body: Buffer | string): void {
    if (typeof body === 'string') {
      this.#text(flags, body);
      return;
    }
    this.#header(flags, body.length);
    if (body.length > 0) this.bytesOf(body);
  }

  /** The size of short text in UTF-8 is known from writing it: computing it first takes longer than writing. */
  #text(flags: number, text: string): void {
    const { length } = text;
    if (length > LONGEST_SHORT) {
      this.#longText(flags, text);
      return;
    }
    const slab = this.#reserve(LONG_HEADER + length * MAX_UTF8_PER_UNIT);
    const at = this.#end;
    const size = length === 0 ? 0 : slab.write(text, at + SHORT_HEADER);
    if (size > LONGEST_SHORT) {
      slab.copyWithin(at + LONG_HEADER, at + SHORT_HEADER, at + SHORT_HEADER + size);
      this.#advance(writeLong(slab, at, flags, size));
    } else {
      this.#advance(writeShort(slab, at, flags, size));
    }
  }

  /** Most long text is ASCII: reserves room for that and a little more. */
  #longText(flags: number, text: string): void {
    const room = LONG_HEADER + text.length + (text.length >> 4) + LONGEST_CHARACTER;
    if (text.length > LONGEST_TEXT_COPY) {
      const whole = spareMemory.lend(room);
      const size = writeWhole(text, whole, LONG_HEADER);
      if (size === undefined) {
        spareMemory.giveBack(whole);
        this.frame(flags, Buffer.from(text));
      } else {
        this.bytesOf(spareMemory.filled(whole, writeLong(whole, 0, flags, size)));
      }
      return;
    }
    const slab = this.#reserve(room);
    const size = writeWhole(text, slab, this.#end + LONG_HEADER);
    if (size === undefined) this.frame(flags, Buffer.from(text));
    else this.#advance(writeLong(slab, this.#end, flags, size));
  }

  #header(flags: number, size: number): void {
    const slab = this.#reserve(LONG_HEADER);
    const write = size > LONGEST_SHORT ? writeLong : writeShort;
    this.#advance(write(slab, this.#end, flags, size) - size);
  }

  /** Returns a slab with that much room from `#end` on. */
  #reserve(room: number): Buffer {
    const slab = this.#slab;
    // The free end of a replaced shared slab may belong to another session.
    const isMine = this.#isOwn || (slab === shared.slab && this.#end === shared.top);
    if (slab && isMine && this.#end + room <= slab.length) return slab;
    this.#cut();
    this.#isOwn = this.#bytes > 0;
    if (!this.#isOwn) {
      if (shared.top + room > shared.slab.length) {
        shared.slab = Buffer.allocUnsafeSlow(Math.max(SHARED_BYTES, room));
        shared.top = 0;
      }
      this.#slab = shared.slab;
      this.#start = shared.top;
    } else {
      const size = Math.min(Math.max(this.#bytes, LEAST_OWN_BYTES), SHARED_BYTES);
      this.#slab = Buffer.allocUnsafeSlow(Math.max(size, room));
      this.#start = 0;
    }
    this.#end = this.#start;
    return this.#slab;
  }

  #advance(bytes: number): void {
    this.#end += bytes;
    this.#bytes += bytes;
    if (!this.#isOwn) shared.top = this.#end;
  }

  #cut(): void {
    if (!this.#slab || this.#start === this.#end) return;
    this.#pieces.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}

/** @returns the size of the text, or undefined if it may not have fitted */
function writeWhole(text: string, to: Buffer, at: number): number | undefined {
  const size = to.write(text, at);
  return to.length - at - size >= LONGEST_CHARACTER ? size : undefined;
}

/** @returns the length of the whole frame */
function writeShort(to: Buffer, at: number, flags: number, size: number): number {
  to[at] = flags;
  to[at + 1] = size;
  return SHORT_HEADER + size;
}

/** @returns the length of the whole frame */
function writeLong(to: Buffer, at: number, flags: number, size: number): number {
  to[at] = flags | LONG;
  to.writeUInt32BE(Math.floor(size / 2 ** 32), at + 1);
  to.writeUInt32BE(size % 2 ** 32, at + 5);
  return LONG_HEADER + size;
}
