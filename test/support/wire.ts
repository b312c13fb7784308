import type { OutgoingFrames } from '../../lib/protocol/messages.js';

/** The frames as the other side gets them: text as UTF-8, bytes uncopied. */
export function onTheWire(frames: OutgoingFrames): Buffer[] {
  return frames.map((frame) => (typeof frame === 'string' ? Buffer.from(frame) : frame));
}
