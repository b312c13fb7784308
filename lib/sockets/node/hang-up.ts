import type { Socket } from 'node:net';
import { nodeClock } from '../clock.js';

export interface HangUpTimes {
  /**
   * How long the peer is not told of the end, in ms. A client of libzmq with ZMQ_IMMEDIATE drops messages that its
   * application has not read yet when the end comes (`session_base_t::reconnect`).
   */
  readonly farewellMs: number;
  /** How long what waits is still sent, and what the peer still sends is read, in ms. */
  readonly lingerMs: number;
}

/**
 * Ends a connection in good order: tells the peer by a FIN, and reads on until the peer's FIN. A socket that is closed with
 * something unread sends a reset instead, which takes from the peer what it has not read yet (RFC 1122, 4.2.2.13).
 */
export function hangUp(socket: Socket, { farewellMs, lingerMs }: HangUpTimes): void {
  if (socket.destroyed) return;
  const cancelLinger = nodeClock.after(lingerMs, () => socket.destroy());
  socket.once('close', cancelLinger);
  if (farewellMs === 0) socket.end();
  else nodeClock.after(farewellMs, () => socket.end());
  socket.resume();
}
