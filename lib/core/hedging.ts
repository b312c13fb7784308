/** When a call is sent to further servers, while those before may still answer. */
export interface HedgePolicy {
  /** How long to wait for a first value before the call goes to one more server, in ms; 0: not at all. */
  readonly after: number;
  /** To how many more servers it may go. */
  readonly max: number;
}

/** Of a call that its caller did not ask to hedge: it goes elsewhere only if its server falls silent. */
export const NO_HEDGES: HedgePolicy = { after: Infinity, max: 0 };

/** How soon a call is tried elsewhere again whose server is silent, if no other server could take it, in ms. */
const RESCUE_PAUSE_MS = 250;

/**
 * The hedges of one call: those that its policy allows, and one more whenever every server that has it has
 * fallen silent (`isRescue`), which counts among its attempts instead.
 *
 * Sources: J. Dean and L. A. Barroso, "The Tail at Scale", 2013; gRPC proposal A6, "Hedging Policy", also
 * for what an attempt that fails does to the delay.
 */
export class Hedging {
  readonly #after: number;
  #left: number;
  /** When the next one is to be sent. */
  dueAt = Infinity;
  /** Whether the next one is to be sent because the servers that have the call are silent. */
  isRescue = false;

  constructor({ after, max }: HedgePolicy) {
    this.#after = after;
    this.#left = max;
  }

  isDue(now: number): boolean {
    return now >= this.dueAt;
  }

  /** An attempt has gone out; `isHedge`: while others were. */
  sent(isHedge: boolean, now: number): void {
    // One that was sent for its server's silence is none of those that the policy allows.
    if (this.isRescue) this.isRescue = false;
    else if (isHedge) this.#left--;
    this.#next(now + this.#after);
  }

  /** No server could have it now. What was to be sent at once is not sent later. */
  postpone(now: number): void {
    if (this.isRescue) this.dueAt = now + RESCUE_PAUSE_MS;
    else this.#next(this.#after === 0 ? Infinity : now + this.#after);
  }

  /** An attempt has failed while others may still answer: the next one need not wait. */
  hasten(now: number): void {
    if (!this.isRescue) this.#next(now);
  }

  /** Every server that has the call has fallen silent. */
  rescue(dueAt: number): void {
    this.isRescue = true;
    this.dueAt = dueAt;
  }

  /** One of those servers was heard again. */
  noRescue(now: number): void {
    this.isRescue = false;
    this.postpone(now);
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
