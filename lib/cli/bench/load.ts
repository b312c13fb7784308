/** Time, for loads. Tests bring their own. */
export interface LoadClock {
  /** In ms; monotonic. */
  now(): number;
  /** Runs `run` once, after that many ms or a little later. @returns cancels it */
  after(ms: number, run: () => void): () => void;
  /** Runs `run` in the next turn of the event loop. */
  soon(run: () => void): void;
}

/** How a call ended. */
export type CallOutcome =
  | { readonly type: 'answered' }
  /** @see CallErrorKind */
  | { readonly type: 'failed'; readonly kind: string; readonly message: string };

/** Begins a call, and tells once how it ended. @returns cancels it; then nothing is told */
export type BeginCall = (ended: (outcome: CallOutcome) => void) => () => void;

/**
 * Is told of each call.
 *
 * @param startedAt when it was meant to begin
 * @returns is told how it ended
 */
export type LoadListener = (startedAt: number) => (outcome: CallOutcome) => void;

/** Makes calls, from `start` until its time or `stop`. Both are called once. */
export interface Load {
  /** @param until no call begins that is due then or later, however late the timers are; in ms of the clock */
  start(until: number): void;
  /** Begins what is due and has room, and no further call. */
  stop(): void;
  /** Cancels the calls that are in flight. */
  cancel(): void;
  /** How many calls are in flight. */
  readonly inFlight: number;
  /** How many calls have been due, and have not begun. */
  readonly overdue: number;
}

/** The calls in flight of a load. */
export class OpenCalls {
  readonly #begin: BeginCall;
  readonly #cancels = new Set<() => void>();

  constructor(begin: BeginCall) {
    this.#begin = begin;
  }

  get size(): number {
    return this.#cancels.size;
  }

  begin(ended: (outcome: CallOutcome) => void): void {
    let cancelBegun: (() => void) | undefined;
    let isOver = false;
    const cancel = () => cancelBegun?.();
    this.#cancels.add(cancel);
    cancelBegun = this.#begin((outcome) => {
      if (isOver) return;
      isOver = true;
      this.#cancels.delete(cancel);
      ended(outcome);
    });
  }

  cancel(): void {
    const cancels = [...this.#cancels];
    this.#cancels.clear();
    for (const cancel of cancels) cancel();
  }
}
