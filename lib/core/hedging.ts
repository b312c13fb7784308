/** When a call is sent to further servers, while those before may still answer. */
export interface HedgePolicy {
  /** How long to wait for a first value before the call goes to one more server, in ms; 0: not at all. */
  readonly after: number;
  /** To how many more servers it may go. */
  readonly max: number;
}

/**
 * The hedges of one call.
 *
 * Sources: J. Dean and L. A. Barroso, "The Tail at Scale", 2013; gRPC proposal A6, "Hedging Policy", also
 * for what an attempt that fails does to the delay.
 */
export class Hedging {
  readonly #after: number;
  #left: number;
  /** When the next one is to be sent. */
  dueAt = Infinity;

  constructor({ after, max }: HedgePolicy) {
    this.#after = after;
    this.#left = max;
  }

  isDue(now: number): boolean {
    return now >= this.dueAt;
  }

  /** An attempt has gone out; `isHedge`: while others were. */
  sent(isHedge: boolean, now: number): void {
    if (isHedge) this.#left--;
    this.#next(now + this.#after);
  }

  /** No server could have it now. What was to be sent at once is not sent later. */
  postpone(now: number): void {
    this.#next(this.#after === 0 ? Infinity : now + this.#after);
  }

  /** An attempt has failed while others may still answer: the next one need not wait. */
  hasten(now: number): void {
    this.#next(now);
  }

  /** It is not to be sent to any further server. */
  stop(): void {
    this.#left = 0;
    this.dueAt = Infinity;
  }

  #next(dueAt: number): void {
    this.dueAt = this.#left > 0 ? dueAt : Infinity;
  }
}
