import { monotonicNow, setImmediate } from '../node-timers.js';
import { LONGEST_TURN_MS } from './times.js';

/** Work that goes unnoticed, in ms: below it no turn of the loop has to be told apart from the next. */
const UNNOTICED_MS = 2;

/** Whoever has more to deliver than fits into a turn of the event loop. */
export interface Reader {
  /** Goes on, as long as `isOver` is false. May wait again. Never throws. */
  readOn(): void;
}

/**
 * Lets the event loop turn amid floods of messages: one chunk may bring hundreds of them, each may be a PACK of a thousand
 * calls, and a thousand connections may have a chunk each. All connections of this thread share the time of a turn; those
 * that found it over go on in the order in which they came.
 */
export class Turns {
  readonly #now: () => number;
  readonly #afterTurn: (run: () => void) => void;
  readonly #waiting = new Set<Reader>();
  #spent = 0;
  #began = 0;
  #isPlanned = false;

  constructor(now = monotonicNow, afterTurn: (run: () => void) => void = setImmediate) {
    this.#now = now;
    this.#afterTurn = afterTurn;
  }

  /** Delivering begins. Has to be followed by `end`. */
  begin(): void {
    this.#began = this.#now();
  }

  /** Whether who delivers has to wait. */
  get isOver(): boolean {
    return this.#spent + this.#now() - this.#began > LONGEST_TURN_MS;
  }

  /** Whether nothing more is to be begun. */
  get isUsedUp(): boolean {
    return this.#spent > LONGEST_TURN_MS;
  }

  end(): void {
    this.#spent += this.#now() - this.#began;
    if (this.#spent > UNNOTICED_MS) this.#plan();
  }

  /** Has it go on when the event loop has turned. */
  wait(reader: Reader): void {
    this.#waiting.add(reader);
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#afterTurn(() => this.#turned());
  }

  #turned(): void {
    this.#isPlanned = false;
    this.#spent = 0;
    let waiting = this.#waiting.size;
    for (const reader of this.#waiting) {
      if (waiting-- === 0) break;
      this.#waiting.delete(reader);
      this.begin();
      reader.readOn();
      this.end();
      if (this.isUsedUp) break;
    }
    if (this.#waiting.size > 0) this.#plan();
  }
}

/** Those of this thread. */
export const turns = new Turns();
