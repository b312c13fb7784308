import type { Dealer, Router } from 'zeromq';
import { asMicrotask } from '../../node-timers.js';

export function sendNow(
  socket: Dealer | Router,
  frames: (Buffer | string)[],
  onUndelivered: (error?: unknown) => void = () => {},
): void {
  if (socket.closed) {
    asMicrotask(() => onUndelivered());
    return;
  }
  socket.send(frames).catch(onUndelivered);
}
