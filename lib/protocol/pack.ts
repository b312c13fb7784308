import { type Malformed, malformed } from './malformed.js';
import type { Content, Frames, OutgoingFrames } from './messages.js';

/**
 * The codec of PACK: several messages of the negotiated dialect in one ZeroMQ message, because a ZeroMQ
 * message costs far more than its bytes. A block holds the small frames of all of them; a large frame
 * follows as a frame of its own, so that nobody copies it.
 *
 * ```
 * PACK    = "" "PACK" block large…
 * block   = message…
 * message = count frame…        one byte: how many frames follow the empty one
 * frame   = 0…252 bytes         so many bytes
 *         | 253 hi lo bytes     hi * 256 + lo bytes
 *         | 254                 the next of the large frames
 *         | 255                 the frame at this place of the message before
 * ```
 *
 * `255` is what makes a command, or the headers of a pattern, travel once in a pack.
 */

/** A frame of more bytes travels by itself: copying it would cost more than one frame more. */
const MOST_INLINE = 4096;

/** What a pack may hold, so that a few bytes cannot become work without end. */
export const MOST_MESSAGES = 1024;

const DELIMITER = Buffer.alloc(0);
const PACK = Buffer.from('PACK');

const TWO_BYTES = 253;
const LARGE = 254;
const SAME = 255;

/** @param messages more than one, of the negotiated dialect */
export function encodePack(messages: readonly OutgoingFrames[]): OutgoingFrames {
  const block = Buffer.allocUnsafe(mostBytesOf(messages));
  const large: Content[] = [];
  let at = 0;
  let before: OutgoingFrames = [];
  for (const message of messages) {
    block[at++] = message.length - 1;
    for (let place = 1; place < message.length; place++) {
      const frame = message[place] ?? DELIMITER;
      if (frame === before[place]) {
        block[at++] = SAME;
      } else if (frame.length > MOST_INLINE) {
        block[at++] = LARGE;
        large.push(frame);
      } else {
        at = writeFrame(block, at, frame);
      }
    }
    before = message;
  }
  return [DELIMITER, PACK, block.subarray(0, at), ...large];
}

function writeFrame(block: Buffer, at: number, frame: Content): number {
  const isShort = mostBytes(frame) < TWO_BYTES;
  const start = at + (isShort ? 1 : 3);
  const length = typeof frame === 'string' ? block.write(frame, start) : frame.copy(block, start);
  if (isShort) {
    block[at] = length;
  } else {
    block[at] = TWO_BYTES;
    block[at + 1] = length >> 8;
    block[at + 2] = length;
  }
  return start + length;
}

function mostBytesOf(messages: readonly OutgoingFrames[]): number {
  let bytes = 0;
  for (const message of messages) {
    bytes++;
    for (const frame of message) bytes += frame.length > MOST_INLINE ? 1 : 3 + mostBytes(frame);
  }
  return bytes;
}

/** No character of text takes more than three bytes in UTF-8; what takes four is two of them. */
function mostBytes(frame: Content): number {
  return typeof frame === 'string' ? frame.length * 3 : frame.length;
}

export function isPack(frames: Frames): boolean {
  return frames[0]?.length === 0 && (frames[1]?.equals(PACK) ?? false);
}

/** The messages of a pack, in their order; all of them, or none if the pack makes no sense. */
export function decodePack(frames: Frames): readonly Frames[] | Malformed {
  const block = frames[2];
  if (!block) return malformed('invalid pack');
  const messages: Frames[] = [];
  let at = 0;
  let large = 3;
  let before: Frames = [];
  while (at < block.length) {
    const count = block[at++] ?? 0;
    const message: Buffer[] = [DELIMITER];
    for (let place = 1; place <= count; place++) {
      let length = block[at++];
      let frame: Buffer | undefined;
      if (length === SAME) {
        frame = before[place];
      } else if (length === LARGE) {
        frame = frames[large++];
      } else if (length !== undefined) {
        if (length === TWO_BYTES) {
          length = (block[at] ?? 0) * 256 + (block[at + 1] ?? 0);
          at += 2;
        }
        frame = block.subarray(at, at + length);
        at += length;
      }
      if (!frame || at > block.length) return malformed('invalid pack');
      message.push(frame);
    }
    if (messages.push(message) > MOST_MESSAGES) return malformed('invalid pack');
    before = message;
  }
  return large === frames.length ? messages : malformed('invalid pack');
}
