import { setImmediate } from '../node-timers.js';

/**
 * Calls a listener. What it throws surfaces as an uncaught exception and leaves the socket alone: if the process survives, the
 * next messages are still received.
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
