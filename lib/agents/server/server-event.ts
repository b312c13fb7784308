import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { RefusalReason } from '../../protocol/headers.js';
import type { Job, JobKeeper } from './job.js';
import type { ServerRequest } from './server-call.js';

export interface EventKeeper extends JobKeeper {
  /** It is accepted: its sender is told, and its handlers are to run. */
  begin(event: ServerEvent): void;
  refuse(reason: RefusalReason, message: string): void;
  over(event: ServerEvent): void;
}

/**
 * One event at the server. While it waits for a place its sender can take it elsewhere; from its ACK on it is
 * this server's, and runs whatever becomes of its sender.
 */
export class ServerEvent implements Job {
  dueAt = Infinity;
  place = NOT_QUEUED;

  readonly isRefusable = true;
  readonly #keeper: EventKeeper;
  #phase: 'queued' | 'running' | 'over' = 'queued';
  #hasBegun = false;
  #isAbandoned = false;

  constructor(
    readonly request: ServerRequest,
    keeper: EventKeeper,
  ) {
    this.#keeper = keeper;
  }

  get deadlineAt(): number {
    return this.request.deadlineAt;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get wasAbandoned(): boolean {
    return this.#isAbandoned;
  }

  begin(): void {
    this.#phase = 'running';
    this.#hasBegun = true;
    this.#keeper.begin(this);
  }

  /** Its handlers have ended. */
  over(): void {
    if (this.#phase === 'running') this.#left();
  }

  refuse(reason: RefusalReason, message: string): void {
    if (this.#phase !== 'queued') return;
    this.#keeper.refuse(reason, message);
    this.#left();
  }

  abandon(): void {
    // Once its handlers run nobody waits for them, and nobody stops them.
    if (this.#phase !== 'queued') return;
    this.#isAbandoned = true;
    this.#left();
  }

  /** An event has no values. */
  grant(): void {}

  run(now: number): void {
    this.#keeper.due(this, now);
  }

  #left(): void {
    this.#phase = 'over';
    this.#keeper.over(this);
  }
}
