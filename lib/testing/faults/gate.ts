import { setImmediate } from '../../node-timers.js';
import { deliver } from '../../sockets/deliver.js';

/** Lets things happen at once, or keeps them, in order, until it opens. */
export class Gate {
  readonly #kept: (() => void)[] = [];
  #isOpen = true;
  #isRemoved = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  pass(run: () => void): void {
    if (this.#isRemoved) return;
    if (this.#isOpen && this.#kept.length === 0) run();
    else this.#kept.push(run);
  }

  close(): void {
    this.#isOpen = false;
  }

  /** What was kept happens in a later turn of the event loop: the test that opens a gate is not called back. */
  open(): void {
    this.#isOpen = true;
    setImmediate(() => this.#release());
  }

  /** For good: what was kept, and what is still to come, does not happen. */
  remove(): void {
    this.#isRemoved = true;
    this.#kept.length = 0;
  }

  #release(): void {
    while (this.#isOpen) {
      const run = this.#kept.shift();
      if (!run) return;
      deliver(run);
    }
  }
}
