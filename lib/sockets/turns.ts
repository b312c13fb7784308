import { monotonicNow, setImmediate } from '../node-timers.js';
import { LONGEST_TURN_MS } from './times.js';

/** Below this much work, in ms, one turn of the loop need not be told from the next. */
const UNNOTICED_MS = 2;

/** Somebody who has more to deliver than fits into one turn of the event loop. */
export interface Reader {
  /** Goes on until `isOver`. May wait again. Never throws. */
  readOn(): void;
}

/**
 * Lets the event loop turn during floods of messages: one chunk may contain hundreds, each may be a PACK of a thousand calls,
 * and a thousand connections may have a chunk each. All connections of this thread share the time of one turn; those that
 * found it used up go on in the order in which they came.
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

  /** Begins to deliver. `end` has to follow. */
  begin(): void {
    this.#began = this.#now();
  }

  /** Whether a reader has to wait for the next turn. */
  get isOver(): boolean {
    return this.#spent + this.#now() - this.#began > LONGEST_TURN_MS;
  }

  /** Whether nothing more may begin in this turn. */
  get isUsedUp(): boolean {
    return this.#spent > LONGEST_TURN_MS;
  }

  end(): void {
    this.#spent += this.#now() - this.#began;
    if (this.#spent > UNNOTICED_MS) this.#plan();
  }

  /** Lets the reader go on once the event loop has turned. */
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

/** The turns of this thread. */
export const turns = new Turns();
