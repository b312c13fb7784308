import { CreditWindow } from '../../core/credit-window.js';
import type { Id } from '../../protocol/messages.js';
import type { Call } from './call.js';
import type { ServerLink } from './server-link.js';

/** One try of a call at one server. */
export class Attempt {
  /**
   * What it is called on the wire. Unlike that of any other, so that nothing that is said of one attempt can be taken
   * for news of another.
   */
  readonly id: Id;
  /** Which try this is among those that a server may have run, from 1. */
  readonly number: number;
  /** Whether it was sent while others of its call were in flight. */
  readonly isHedge: boolean;
  /**
   * The one sent before it, if that is in flight as well. So the attempts of a call are a list that costs
   * the usual call, which has one, nothing.
   */
  previous: Attempt | undefined;
  #window: CreditWindow | undefined;
  /** When something is to be done about it, as long as it has no answer. */
  dueAt: number;
  /** Whether it has had no answer in its time, and may still get one: no other server could have its call. */
  isLate = false;
  /** Whether its server has rested, and is to prove itself by it. */
  isTrial = false;
  /** Whether its link is done with it. What still comes of it is heard no more. */
  hasLeft = false;

  constructor(
    readonly call: Call,
    readonly link: ServerLink,
    readonly sentAt: number,
  ) {
    const { number, sent, latest } = call;
    this.dueAt = sentAt + call.request.requestTimeout;
    this.id = sent === 0 ? String(number) : `${number}.${sent + 1}`;
    this.number = call.handedOver + 1;
    this.isHedge = latest !== undefined;
    this.previous = latest;
  }

  /** How far the server may run ahead of the caller. */
  get window(): CreditWindow {
    return (this.#window ??= new CreditWindow());
  }
}
