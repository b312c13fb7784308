import type { Frames, OutgoingFrames } from '../../lib/protocol/messages.js';

/** The frames as the other side gets them: text is UTF-8, bytes are not copied. */
export function onTheWire(frames: OutgoingFrames): Frames {
  return frames.map((frame) => (typeof frame === 'string' ? Buffer.from(frame) : frame));
}
