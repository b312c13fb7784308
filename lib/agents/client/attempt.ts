import { CreditWindow } from '../../core/credit-window.js';
import type { Metadata } from '../../protocol/headers.js';
import type { Id } from '../../protocol/messages.js';
import type { AttemptCarrier, Carriage } from './attempt-carrier.js';
import type { AttemptReason, AttemptView, CallRequest } from './call-contract.js';

/** What an attempt asks of its call. */
interface AttemptedCall {
  readonly number: number;
  readonly request: CallRequest;
  readonly sent: number;
  readonly handedOver: number;
}

/** One try of a call at one server. */
export class AttemptOf<Call extends AttemptedCall> {
  readonly kind = 'in flight';
  /**
   * What it is called on the wire. Unlike that of any other, so that nothing that is said of one attempt can be taken
   * for news of another.
   */
  readonly id: Id;
  /** Which try this is among those that a server may have run, from 1. */
  readonly number: number;
  readonly reason: AttemptReason;
  /** Over which it goes. */
  readonly connection: Carriage | undefined;
  /**
   * The one sent before it, if that is in flight as well. So the attempts of a call are a list that costs
   * the usual call, which has one, nothing.
   */
  previous: AttemptOf<Call> | undefined;
  #window: CreditWindow | undefined;
  /** When something is to be done about it, as long as it has no answer. */
  dueAt: number;
  /** Whether it has had no answer in its time, and may still get one: no other server could have its call. */
  isLate = false;
  /** Whether its server has rested, and is to prove itself by it. */
  isTrial = false;
  /** What the observer of its call sees of it; undefined without one. */
  view: AttemptView | undefined;
  /** What is sent along with it. */
  metadata: Metadata | undefined;
  /** Whether its link is done with it. What still comes of it is heard no more. */
  hasLeft = false;

  constructor(
    readonly call: Call,
    readonly link: AttemptCarrier<AttemptOf<Call>>,
    readonly sentAt: number,
    /** The latest that is in flight already. */
    previous: AttemptOf<Call> | undefined,
  ) {
    const { number, sent } = call;
    this.dueAt = sentAt + call.request.requestTimeout;
    this.id = sent === 0 ? String(number) : `${number}.${sent + 1}`;
    this.number = call.handedOver + 1;
    if (previous) this.reason = 'hedge';
    else if (sent === 0) this.reason = 'first';
    else this.reason = this.number > 1 ? 'retry' : 'move';
    this.previous = previous;
    this.metadata = call.request.metadata;
    this.connection = link.connection;
  }

  /** Whether it was sent while others of its call were in flight. */
  get isHedge(): boolean {
    return this.reason === 'hedge';
  }

  /** How far the server may run ahead of the caller. */
  get window(): CreditWindow {
    return (this.#window ??= new CreditWindow());
  }
}
