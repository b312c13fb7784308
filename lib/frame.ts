/**
 * A long frame, in the pieces in which it arrived. Joining them allocates memory of its size; text is decoded without joining.
 */
export class LongFrame {
  /** @param length of all pieces together, in bytes */
  constructor(
    readonly pieces: readonly Buffer[],
    readonly length: number,
  ) {}

  joined(): Buffer {
    return Buffer.concat(this.pieces, this.length);
  }

  /** Like `Buffer.toString`. */
  toString(encoding?: BufferEncoding, start?: number, end?: number): string {
    return this.joined().toString(encoding, start, end);
  }
}

/** A received frame. */
export type Frame = Buffer | LongFrame;

/** The bytes of a frame. */
export function joined(frame: Frame): Buffer {
  return frame instanceof LongFrame ? frame.joined() : frame;
}
