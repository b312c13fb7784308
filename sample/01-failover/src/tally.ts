import type { Outcome } from './messages.js';

/** The width of a column of the charts, in ms. */
export const SLOT_MS = 500;

/** What has come of the calls, in all and in each half second. */
export class Tally {
  failed = 0;
  /** How many of the answered calls had to move to another server. */
  moved = 0;
  /** How long each call took that did not have to move, in ms. */
  readonly usualWaits: number[] = [];
  /** Of the failed calls of each code: how many there were, and what the first of them said. */
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
