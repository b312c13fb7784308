import type { Socket } from 'node:net';
import { nodeClock } from '../clock.js';

export interface HangUpTimes {
  /**
   * How long to wait before the FIN, in ms. A libzmq client with ZMQ_IMMEDIATE drops messages that its application has not read
   * when the connection ends (`session_base_t::reconnect`).
   */
  readonly farewellMs: number;
  /** How long waiting output is still sent, and input still read, in ms. */
  readonly lingerMs: number;
}

/**
 * Closes a connection gracefully: sends a FIN, and reads on until the peer's FIN. A socket that is closed with unread input
 * sends a reset instead, and the peer then loses what it has not read yet (RFC 1122, 4.2.2.13).
 */
export function hangUp(socket: Socket, { farewellMs, lingerMs }: HangUpTimes): void {
  if (socket.destroyed) return;
  const cancelLinger = nodeClock.after(lingerMs, () => socket.destroy());
  socket.once('close', cancelLinger);
  if (farewellMs === 0) socket.end();
  else nodeClock.after(farewellMs, () => socket.end());
  socket.resume();
}
