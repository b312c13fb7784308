import type { Outcome } from './messages.js';

/** The width of a column of the charts, in ms. */
export const SLOT_MS = 500;

/** The outcomes of the calls, in total and in each half second. */
export class Tally {
  failed = 0;
  /** How many of the answered calls had to move to another server. */
  moved = 0;
  /** The latency of each call that did not have to move, in ms. */
  readonly usualWaits: number[] = [];
  /** For each error code: the number of failed calls, and the message of the first. */
  readonly failures = new Map<string, { count: number; message: string }>();
  readonly longestWaits: number[] = [];
  readonly #answersOf = new Map<string, number[]>();

  get answered(): number {
    return this.usualWaits.length + this.moved;
  }

  add(outcome: Outcome, slot: number): void {
    this.longestWaits[slot] = Math.max(this.longestWaits[slot] ?? 0, outcome.ms);
    if ('code' in outcome) {
      const { code, message } = outcome;
      this.failed++;
      const alike = this.failures.get(code);
      this.failures.set(code, {
        count: (alike?.count ?? 0) + 1,
        message: alike?.message ?? message,
      });
      return;
    }
    if (outcome.attempt > 1) this.moved++;
    else this.usualWaits.push(outcome.ms);
    const answers = this.answersOf(outcome.server);
    answers[slot] = (answers[slot] ?? 0) + 1;
  }

  /** How many answers a server gave in each slot; where it gave none there may be a hole. */
  answersOf(server: string): number[] {
    let answers = this.#answersOf.get(server);
    if (!answers) this.#answersOf.set(server, (answers = []));
    return answers;
  }
}
