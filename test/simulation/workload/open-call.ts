import type { BroadcastObserver } from '../../../lib/agents/client/broadcast.js';
import type { BroadcastOutcome } from '../../../lib/agents/client/broadcast-outcome.js';
import type { ClientAgent } from '../../../lib/agents/client/client-agent.js';
import type {
  CallHandle,
  CallObserver,
  CallRequest,
} from '../../../lib/agents/client/call-contract.js';
import { FreelanceError } from '../../../lib/core/freelance-error.js';
import type { Entry } from '../ledger/entry.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Process } from '../world/process.js';

/** A caller that waits for its answer: it reads at its own pace, and may lose interest. */
export class OpenCall implements CallObserver, BroadcastObserver {
  readonly #entry: Entry;
  readonly #ledger: Ledger;
  readonly #process: Process;
  readonly #whenEnded: (call: OpenCall) => void;
  #handle: CallHandle | undefined;
  #stopWaiting = () => {};
  #stopReading = () => {};

  constructor(entry: Entry, ledger: Ledger, process: Process, whenEnded: (call: OpenCall) => void) {
    this.#entry = entry;
    this.#ledger = ledger;
    this.#process = process;
    this.#whenEnded = whenEnded;
  }

  start(agent: ClientAgent, request: CallRequest): void {
    this.#handle = this.#entry.isBroadcast
      ? agent.broadcast(request, this)
      : agent.call(request, this);
    const { cancelsAfter } = this.#entry.ask;
    if (cancelsAfter === Infinity || !this.#entry.isOpen) return;
    this.#stopWaiting = this.#process.clock.after(cancelsAfter, () => this.cancel());
  }

  cancel(): void {
    if (!this.#handle) return;
    this.#handle.cancel();
    this.#end('cancelled');
  }

  next(value: unknown): void {
    const entry = this.#entry;
    this.#ledger.valueCame(entry, value);
    const { readsIn } = entry.ask;
    if (readsIn === undefined) entry.read++;
    else if (entry.values === entry.read + 1) this.#readIn(readsIn);
  }

  complete(): void {
    this.#end('complete');
  }

  done(outcomes: readonly BroadcastOutcome[]): void {
    this.#entry.expected = outcomes.filter(({ type }) => type === 'answered').length;
    this.#end('complete');
  }

  error(error: unknown): void {
    this.#end(error instanceof FreelanceError ? error.code : 'handler error', error);
  }

  #readIn(ms: number): void {
    this.#stopReading = this.#process.clock.after(ms, () => {
      this.#entry.read++;
      this.#handle?.read();
      if (this.#entry.values > this.#entry.read) this.#readIn(ms);
    });
  }

  #end(end: string, error?: unknown): void {
    this.#stopWaiting();
    this.#stopReading();
    this.#ledger.ended(this.#entry, end, error);
    this.#whenEnded(this);
  }
}
