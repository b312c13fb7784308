import type { CallHandle, CallObserver, CallRequest } from '../../../lib/agents/client/call.js';
import { FreelanceError } from '../../../lib/core/freelance-error.js';
import type { Entry } from '../ledger/entry.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Process } from '../world/process.js';

/** Who takes a call: a client agent. */
export type Place = (request: CallRequest, observer: CallObserver) => CallHandle;

/** A caller that waits for its answer: it reads at its pace, and may lose interest. */
export class OpenCall implements CallObserver {
  readonly #entry: Entry;
  readonly #ledger: Ledger;
  readonly #process: Process;
  #handle: CallHandle | undefined;
  #stopWaiting = () => {};
  #stopReading = () => {};

  constructor(entry: Entry, ledger: Ledger, process: Process) {
    this.#entry = entry;
    this.#ledger = ledger;
    this.#process = process;
  }

  start(place: Place, request: CallRequest): void {
    this.#handle = place(request, this);
    const { cancelsAfter } = this.#entry.ask;
    if (cancelsAfter === Infinity || !this.#entry.isOpen) return;
    this.#stopWaiting = this.#process.clock.after(cancelsAfter, () => this.#cancel());
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

  error(error: unknown): void {
    this.#end(error instanceof FreelanceError ? error.code : 'handler error', error);
  }

  #cancel(): void {
    this.#handle?.cancel();
    this.#end('cancelled');
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
  }
}
