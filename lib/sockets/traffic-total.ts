import type { OutgoingSocketFrames, SocketFrames, Traffic } from './socket-port.js';

export const NO_TRAFFIC: Traffic = { sent: 0, received: 0 };

/** Adds up the bytes of messages, or of connections. */
export class TrafficTotal implements Traffic {
  sent = 0;
  received = 0;

  add({ sent, received }: Traffic): void {
    this.sent += sent;
    this.received += received;
  }

  /** As it is now. */
  snapshot(): Traffic {
    return { sent: this.sent, received: this.received };
  }
}

export function totalOf(all: Iterable<Traffic>): Traffic {
  const total = new TrafficTotal();
  for (const one of all) total.add(one);
  return total;
}

/** How many bytes these frames have. Text counts as UTF-8. */
export function bytesOf(frames: OutgoingSocketFrames | SocketFrames): number {
  let bytes = 0;
  for (const frame of frames)
    bytes += typeof frame === 'string' ? Buffer.byteLength(frame) : frame.length;
  return bytes;
}
