import type { Socket } from 'node:net';

/** `unwrap()` hands the socket out, and whoever calls `setEncoding` on it would turn what a session reads into text. */
export function bytesOnly(socket: Socket): Socket {
  socket.setEncoding = () => socket;
  return socket;
}
