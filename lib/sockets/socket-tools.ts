import type { Dealer, Router } from 'zeromq';
import { isError } from '../is-error.js';
import { asMicrotask, monotonicNow, setImmediate } from '../node-timers.js';

export interface CommonOptions {
  /** ZMTP heartbeats, in ms: they see a stopped process and a cut network without the event loop. */
  heartbeatInterval: number;
  heartbeatTimeout: number;
  /** The largest frame that is taken, in bytes: who sends one that is larger loses the connection. */
  maxMessageSize: number;
}

/**
 * A fault of the listener is no fault of the socket: it surfaces as an uncaught exception, and should
 * the process survive that, the next messages are still received.
 */
export function deliver(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}

/** How long what comes in may keep the event loop from all else, in ms. */
const LONGEST_TURN_MS = 10;

/**
 * Lets the event loop turn between the messages of a flood. zeromq.js hands over up to 512 of them without
 * doing so, and each may be a PACK of a thousand: that would be seconds.
 */
export class Breather {
  #since = monotonicNow();
  /** Whether the event loop turns while messages may wait in the socket. */
  isTaken = false;

  get isDue(): boolean {
    return monotonicNow() - this.#since > LONGEST_TURN_MS;
  }

  async take(): Promise<void> {
    this.isTaken = true;
    await new Promise<void>((turned) => setImmediate(turned));
    this.isTaken = false;
    this.#since = monotonicNow();
  }
}

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

export function reasonOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}
