import { monotonicNow, setImmediate } from '../../node-timers.js';
import { LONGEST_TURN_MS } from '../times.js';

/**
 * Lets the event loop turn between the messages of a flood. zeromq.js hands over up to 512 of them without doing so, and
 * each may be a PACK of a thousand: that would be seconds.
 */
export class TurnBudget {
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
