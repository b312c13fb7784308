import type { ServerHandler } from '../../../lib/agents/server/server-agent.js';
import type { ServerCall, ServerRequest } from '../../../lib/agents/server/server-call.js';
import { type Body, encodeBody } from '../../../lib/protocol/body.js';
import type { Execution } from '../ledger/execution.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Chance } from '../time/chance.js';
import type { Process } from '../world/process.js';
import { answerTo, failureOf } from './ask.js';

export interface ServiceHost {
  readonly process: Process;
  readonly ledger: Ledger;
  readonly chance: Chance;
  /** How long a handler takes now, on average, in ms. */
  serviceMs(): number;
  isReady(): boolean;
  sentAt(): number | undefined;
  nonsense(what: string): void;
}

/** What the servers do: each call says its number, and is answered with that, after a while. */
export class Service implements ServerHandler {
  readonly #host: ServiceHost;

  constructor(host: ServiceHost) {
    this.#host = host;
  }

  handle(call: ServerCall): void {
    const execution = this.#begin(call.request);
    if (!execution) return;
    const run = new HandlerRun(call, execution, this.#host);
    call.whenAbandoned(() => run.stop());
    run.start();
  }

  event(request: ServerRequest): void {
    const execution = this.#begin(request);
    if (execution) this.#host.ledger.executed(execution);
  }

  isReady(): Promise<boolean> {
    return Promise.resolve(this.#host.isReady());
  }

  dropped(reason: string): void {
    this.#host.nonsense(`${this.#host.process.name} dropped a message: ${reason}`);
  }

  failed(error: unknown): void {
    this.#host.nonsense(`${this.#host.process.name} can no longer receive: ${String(error)}`);
  }

  #begin(request: ServerRequest): Execution | undefined {
    const { data } = request;
    const { ledger, process } = this.#host;
    const entry = typeof data === 'string' ? ledger.find(Number(data)) : undefined;
    if (entry) {
      const isLate = request.remaining() <= 0;
      return ledger.executing(entry, process, { sentAt: this.#host.sentAt(), isLate });
    }
    this.#host.nonsense(`${process.name} was asked for what nobody has asked: ${String(data)}`);
    return undefined;
  }
}

/** One handler at work. */
class HandlerRun {
  readonly #call: ServerCall;
  readonly #execution: Execution;
  readonly #host: ServiceHost;
  #said = 0;
  #cancelTimer = () => {};

  constructor(call: ServerCall, execution: Execution, host: ServiceHost) {
    this.#call = call;
    this.#execution = execution;
    this.#host = host;
  }

  start(): void {
    const { chance } = this.#host;
    // Some handlers answer at once.
    if (chance.isTrue(0.2)) this.#goOn();
    else this.#after(chance.exponential(this.#host.serviceMs()));
  }

  stop(): void {
    this.#cancelTimer();
    this.#host.ledger.executed(this.#execution);
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
    // A value that finds no credit waits for it, after the handler has ended.
    if (this.#call.isOpen) this.#host.ledger.executed(this.#execution);
    else this.#execution.state = 'ending';
    if (how === 'last') this.#call.last(this.#nextValue());
    else if (entry.ask.fails) this.#call.error(failureOf(entry.number));
    else this.#call.complete();
  }

  #nextValue(): Body {
    return encodeBody(answerTo(this.#execution.entry.number, this.#said++));
  }
}

/** Mean time between values, where there is any, in ms. */
const GAP_MS = 3;
