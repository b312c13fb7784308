import type { Caller } from './caller.js';
import type { Receipt } from './orders.contract.js';

/** How many orders a caller has under way at any time. */
const AT_ONCE = 4;

/** How many orders of a caller tell what a step has changed. */
const ENOUGH = 50;

/** The id of the newest order. */
let last = 0;

/** Orders that a caller places without a pause, from start to stop. */
export class Load {
  /** Orders without a receipt. */
  lost = 0;
  readonly #caller: Caller;
  readonly #loops: Promise<unknown>;
  #isOver = false;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#loops = Promise.all(Array.from({ length: AT_ONCE }, () => this.#loop()));
  }

  /** What carries orders that are placed from now on. */
  async over(): Promise<string> {
    const seen = new Set<string>();
    for (let count = 0; count < ENOUGH; count++) seen.add((await this.#place())?.over ?? 'nothing');
    return [...seen].join(' and ');
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#loops;
  }

  async #loop(): Promise<void> {
    while (!this.#isOver) await this.#place();
  }

  async #place(): Promise<Receipt | undefined> {
    const id = ++last;
    try {
      return await this.#caller.use((checkout) => checkout.place(id));
    } catch {
      this.lost++;
      return undefined;
    }
  }
}
