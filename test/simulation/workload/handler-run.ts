import type { ServerCall } from '../../../lib/agents/server/server-call.js';
import { type Body, encodeBody } from '../../../lib/protocol/body.js';
import type { Execution } from '../ledger/execution.js';
import { answerTo, failureOf } from './ask.js';
import type { ServiceHost } from './service.js';

/** One running handler. */
export class HandlerRun {
  readonly #call: ServerCall;
  readonly #execution: Execution;
  readonly #host: ServiceHost;
  #said = 0;
  #cancelTimer = () => {};
  #leave = () => {};

  constructor(call: ServerCall, execution: Execution, host: ServiceHost) {
    this.#call = call;
    this.#execution = execution;
    this.#host = host;
  }

  start(): void {
    this.#leave = this.#host.workers.enter((leave) => {
      this.#leave = leave;
      this.#begin();
    });
  }

  stop(): void {
    this.#cancelTimer();
    this.#leave();
    this.#host.ledger.executed(this.#execution);
  }

  #begin(): void {
    const { chance } = this.#host;
    if (this.#execution.entry.ask.hangs) return;
    // Some handlers answer at once.
    if (chance.isTrue(0.2)) this.#goOn();
    else this.#after(chance.exponential(this.#host.serviceMs()));
  }

  #after(ms: number): void {
    this.#cancelTimer = this.#host.process.clock.after(ms, () => this.#goOn());
  }

  #goOn(): void {
    const { values, fails, waitsForCredit } = this.#execution.entry.ask;
    const { chance } = this.#host;
    while (this.#call.isWanted) {
      if (this.#said === values) return this.#finish();
      if (waitsForCredit && !this.#call.isOpen) {
        void this.#call.untilOpen().then(() => this.#goOn());
        return;
      }
      if (this.#said === values - 1 && !fails && chance.isTrue(0.7)) return this.#finish('last');
      this.#call.next(this.#nextValue());
      if (chance.isTrue(0.2)) return this.#after(chance.exponential(GAP_MS));
    }
  }

  #finish(how?: 'last'): void {
    const { entry } = this.#execution;
    // A value without credit waits for it, even after the handler has ended.
    if (this.#call.isOpen) this.#host.ledger.executed(this.#execution);
    else this.#execution.state = 'ending';
    if (how === 'last') this.#call.last(this.#nextValue());
    else if (entry.ask.fails) this.#call.error(failureOf(entry.number));
    else this.#call.complete();
    this.#leave();
  }

  #nextValue(): Body {
    return encodeBody(answerTo(this.#execution.entry.number, this.#said++));
  }
}

/** Mean time between values, if they are spread over time, in ms. */
const GAP_MS = 3;
