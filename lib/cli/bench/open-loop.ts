import { type BeginCall, type Load, type LoadClock, type LoadListener, OpenCalls } from './load.js';

/**
 * Timers of Node are late by up to a millisecond or two, which would count as latency: for the last part of a wait, the event loop
 * turns without a pause. In ms.
 */
const SPIN_MS = 2;

/** How many calls begin in one turn of the event loop, so that answers are read in between. */
const MOST_PER_TURN = 64;

/**
 * Calls at a fixed rate, whatever becomes of them, as independent users make them. Each is measured from the moment at which it was
 * meant to begin: while a server stands still, the calls that should have been made then count as slow, too. Source: G. Tene, "How NOT
 * to Measure Latency", on coordinated omission; wrk2.
 */
export class OpenLoop implements Load {
  readonly #gapMs: number;
  readonly #mostInFlight: number;
  readonly #clock: LoadClock;
  readonly #listener: LoadListener;
  readonly #calls: OpenCalls;
  #startedAt = 0;
  #until = 0;
  /** How many calls have begun. */
  #begun = 0;
  #stoppedAt: number | undefined;
  #isWaitingForRoom = false;
  #cancelTimer = () => {};

  /**
   * @param rate calls per second
   * @param mostInFlight further calls begin when one has ended, and count from the time at which they were due
   */
  constructor(
    rate: number,
    mostInFlight: number,
    begin: BeginCall,
    clock: LoadClock,
    listener: LoadListener,
  ) {
    this.#gapMs = 1000 / rate;
    this.#mostInFlight = mostInFlight;
    this.#clock = clock;
    this.#listener = listener;
    this.#calls = new OpenCalls(begin);
  }

  get inFlight(): number {
    return this.#calls.size;
  }

  get overdue(): number {
    const until = Math.min(this.#stoppedAt ?? this.#clock.now(), this.#until);
    const due = Math.ceil((until - this.#startedAt) / this.#gapMs);
    return Math.max(due - this.#begun, 0);
  }

  start(until: number): void {
    this.#until = until;
    this.#startedAt = this.#clock.now();
    this.#run();
  }

  stop(): void {
    if (this.#stoppedAt !== undefined) return;
    const now = this.#clock.now();
    this.#beginDue(now);
    this.#stoppedAt = now;
    this.#cancelTimer();
  }

  cancel(): void {
    this.#calls.cancel();
  }

  #dueAt(call: number): number {
    return this.#startedAt + call * this.#gapMs;
  }

  #run(): void {
    if (this.#stoppedAt !== undefined) return;
    const now = this.#clock.now();
    this.#beginDue(now);
    // It goes on when a call has ended.
    if (this.#isWaitingForRoom) return;
    const dueAt = this.#dueAt(this.#begun);
    if (dueAt >= this.#until) return;
    const wait = dueAt - now;
    if (wait >= 2 * SPIN_MS)
      this.#cancelTimer = this.#clock.after(wait - SPIN_MS, () => this.#run());
    else this.#clock.soon(() => this.#run());
  }

  #beginDue(now: number): void {
    for (let begun = 0; begun < MOST_PER_TURN; begun++) {
      const dueAt = this.#dueAt(this.#begun);
      if (dueAt > now || dueAt >= this.#until) return;
      this.#isWaitingForRoom = this.#calls.size >= this.#mostInFlight;
      if (this.#isWaitingForRoom) return;
      this.#begun++;
      this.#begin(dueAt);
    }
  }

  #begin(dueAt: number): void {
    const ended = this.#listener(dueAt);
    this.#calls.begin((outcome) => {
      ended(outcome);
      if (!this.#isWaitingForRoom) return;
      this.#isWaitingForRoom = false;
      // Not at once: the call may have failed before it had begun.
      this.#clock.soon(() => this.#run());
    });
  }
}
