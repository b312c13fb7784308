import { setImmediate } from '../node-timers.js';

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
