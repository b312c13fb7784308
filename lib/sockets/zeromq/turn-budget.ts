import { monotonicNow, setImmediate } from '../../node-timers.js';
import { LONGEST_TURN_MS } from '../times.js';

/**
 * Lets the event loop turn during a flood of messages. zeromq.js delivers up to 512 of them without a turn, and each may be a
 * PACK of a thousand calls: that could take seconds.
 */
export class TurnBudget {
  #since = monotonicNow();
  /** Whether it is time to let the event loop turn, though messages may wait. */
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
