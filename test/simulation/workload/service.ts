import type { ServerHandler } from '../../../lib/agents/server/server-handler.js';
import type { ServerRequest } from '../../../lib/agents/server/read-request.js';
import type { ServerCall } from '../../../lib/agents/server/server-call.js';
import type { ServerEvent } from '../../../lib/agents/server/server-event.js';
import type { Execution } from '../ledger/execution.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Chance } from '../time/chance.js';
import type { Process } from '../world/process.js';
import { failureOf } from './ask.js';
import { HandlerRun } from './handler-run.js';
import type { Workers } from './workers.js';

export interface ServiceHost {
  readonly process: Process;
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly workers: Workers;
  /** How long a handler takes on average at the moment, in ms. */
  serviceMs(): number;
  /** Whether all handlers fail, immediately. */
  isBroken(): boolean;
  isReady(): boolean;
  sentAt(): number | undefined;
  /** A handler for a call or an event has begun. */
  began(): void;
  /** The server is closed. */
  left(): void;
  nonsense(what: string): void;
}

/** What the servers do: each call carries its number, and is answered with that after a while. */
export class Service implements ServerHandler {
  readonly #host: ServiceHost;

  constructor(host: ServiceHost) {
    this.#host = host;
  }

  handle(call: ServerCall): void {
    const execution = this.#begin(call.request);
    if (!execution) return;
    if (this.#host.isBroken()) {
      this.#host.ledger.executed(execution);
      call.error(failureOf(execution.entry.number));
      this.#host.began();
      return;
    }
    const run = new HandlerRun(call, execution, this.#host);
    call.whenAbandoned(() => run.stop());
    run.start();
    this.#host.began();
  }

  declined(): void {}

  draining(): void {}

  event(event: ServerEvent): void {
    const execution = this.#begin(event.request);
    event.over();
    if (!execution) return;
    this.#host.ledger.executed(execution);
    this.#host.began();
  }

  isReady(): Promise<boolean> {
    return Promise.resolve(this.#host.isReady());
  }

  refused(): void {}

  undecided(): void {}

  acceptFailed(): void {}

  dropped(reason: string): void {
    this.#host.nonsense(`${this.#host.process.name} dropped a message: ${reason}`);
  }

  failed(error: unknown): void {
    this.#host.nonsense(`${this.#host.process.name} can no longer receive: ${String(error)}`);
  }

  left(): void {
    this.#host.left();
  }

  #begin(request: ServerRequest): Execution | undefined {
    const { data } = request;
    const { ledger, process } = this.#host;
    const entry = typeof data === 'string' ? ledger.find(Number(data)) : undefined;
    if (entry) {
      return ledger.executing(entry, process, {
        sentAt: this.#host.sentAt(),
        attempt: request.attempt,
        isLate: request.remaining() <= 0,
      });
    }
    this.#host.nonsense(`${process.name} was asked for what nobody has asked: ${String(data)}`);
    return undefined;
  }
}
