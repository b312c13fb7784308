import type { ClientAgent } from '../../../lib/agents/client/client-agent.js';
import { encodeBody } from '../../../lib/protocol/body.js';
import type { Entry, Terms } from '../ledger/entry.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Chance } from '../time/chance.js';
import type { Process } from '../world/process.js';
import { type Ask, drawAsk, PATTERN, type Workload } from './ask.js';
import { OpenCall } from './open-call.js';

export interface CallerHost {
  readonly process: Process;
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly terms: Terms;
}

/** A client's workload: bursts of calls, with pauses. */
export class Caller {
  readonly #agent: ClientAgent;
  readonly #workload: Workload;
  readonly #host: CallerHost;
  readonly #open = new Set<OpenCall>();
  #isOver = false;
  #cancelTimer = () => {};

  constructor(agent: ClientAgent, workload: Workload, host: CallerHost) {
    this.#agent = agent;
    this.#workload = workload;
    this.#host = host;
  }

  start(): void {
    const { chance, process } = this.#host;
    const { pauseMs, burst } = this.#workload;
    this.#cancelTimer = process.clock.after(chance.exponential(pauseMs), () => {
      const calls = Math.floor(chance.magnitude(1, burst + 1));
      for (let call = 0; call < calls; call++) this.#askSomething();
      if (!this.#isOver) this.start();
    });
  }

  stop(): void {
    this.#isOver = true;
    this.#cancelTimer();
  }

  ask(ask: Ask): Entry {
    const { ledger, process, terms } = this.#host;
    const entry = ledger.asked(ask, process, terms);
    const call = new OpenCall(entry, ledger, process, (ended) => this.#ended(ended));
    this.#open.add(call);
    call.start(this.#agent, {
      kind: ask.kind === 'event' ? 'event' : 'request',
      pattern: PATTERN,
      body: encodeBody(String(entry.number)),
      idempotent: ask.idempotent,
      maxAttempts: ask.maxAttempts,
      requestTimeout: ask.requestTimeout,
      timeout: ask.timeout,
      paced: ask.readsIn !== undefined,
      hedge: ask.hedge,
      routingKey: ask.routingKey,
    });
    return entry;
  }

  #askSomething(): void {
    this.ask(drawAsk(this.#workload, this.#host.chance));
  }

  /** Callers act from within callbacks of the agent. */
  #ended(call: OpenCall): void {
    const { chance } = this.#host;
    this.#open.delete(call);
    if (this.#isOver || !chance.isTrue(this.#workload.meddling)) return;
    const [another] = this.#open;
    if (another && chance.isTrue(0.5)) another.cancel();
    else this.#askSomething();
  }
}
