import {
  type BeginCall,
  type CallOutcome,
  type Load,
  type LoadClock,
  type LoadListener,
  OpenCalls,
} from './load.js';

/** A pause after a failed call, in ms: what fails at once would otherwise keep the event loop from turning. */
const PAUSE_MS = 1;

/**
 * A fixed number of callers, each of which waits for its answer before it calls again. Its rate adapts to the server: a slow server
 * gets fewer calls, so that the quantiles show what these callers had, and not what others would have.
 */
export class ClosedLoop implements Load {
  readonly #concurrency: number;
  readonly #clock: LoadClock;
  readonly #listener: LoadListener;
  readonly #calls: OpenCalls;
  #until = 0;

  constructor(concurrency: number, begin: BeginCall, clock: LoadClock, listener: LoadListener) {
    this.#concurrency = concurrency;
    this.#clock = clock;
    this.#listener = listener;
    this.#calls = new OpenCalls(begin);
  }

  get inFlight(): number {
    return this.#calls.size;
  }

  start(until: number): void {
    this.#until = until;
    for (let caller = 0; caller < this.#concurrency; caller++) this.#next();
  }

  stop(): void {
    this.#until = -Infinity;
  }

  cancel(): void {
    this.#calls.cancel();
  }

  /** None is ever due: each begins when the one before has ended. */
  get overdue(): number {
    return 0;
  }

  #next(): void {
    const startedAt = this.#clock.now();
    if (startedAt >= this.#until) return;
    let hasReturned = false;
    const ended = this.#listener(startedAt);
    this.#calls.begin((outcome: CallOutcome) => {
      ended(outcome);
      if (outcome.type === 'failed') this.#clock.after(PAUSE_MS, () => this.#next());
      else if (hasReturned) this.#next();
      // It was answered before it had returned: recursion would have no end.
      else this.#clock.soon(() => this.#next());
    });
    hasReturned = true;
  }
}
