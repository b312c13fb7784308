import { setImmediate } from '../../node-timers.js';
import { TurnBudget } from '../turn-budget.js';

/** Where what was sent within this thread waits to be heard. */
export interface Mailbox {
  /** Delivers what waits now, as far as the budget allows. Never throws. */
  deliver(budget: TurnBudget): void;
  readonly isEmpty: boolean;
}

/**
 * Delivers what is sent within this thread, never from within the call that sends it. All mailboxes share the budget of one
 * turn of the event loop, in rotation: a flood holds up neither the loop nor the other connections.
 */
class Deliveries {
  readonly #waiting = new Set<Mailbox>();
  #isPlanned = false;

  /** Something waits there. */
  add(mailbox: Mailbox): void {
    this.#waiting.add(mailbox);
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned || this.#waiting.size === 0) return;
    this.#isPlanned = true;
    setImmediate(() => this.#run());
  }

  /** What is sent meanwhile is heard in the next turn: else two that answer each other would not let the loop turn. */
  #run(): void {
    this.#isPlanned = false;
    const budget = new TurnBudget();
    let round = this.#waiting.size;
    for (const mailbox of this.#waiting) {
      if (round-- === 0 || budget.isDue) break;
      this.#waiting.delete(mailbox);
      mailbox.deliver(budget);
      if (!mailbox.isEmpty) this.#waiting.add(mailbox);
    }
    this.#plan();
  }
}

export const deliveries = new Deliveries();
