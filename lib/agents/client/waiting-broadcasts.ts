import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { FreelanceErrorCode } from '../../core/freelance-error.js';
import type { Scheduler, Task } from '../scheduler.js';
import type { CallHandle } from './call-contract.js';

export interface WaitingBroadcastListener {
  /** There are servers. @returns the handle of what began */
  begin(): CallHandle;
  /** There will be none in its time. */
  failed(code: FreelanceErrorCode): void;
}

/** A broadcast of a client that does not know its servers yet. Its caller's handle, also once it has begun. */
class WaitingBroadcast implements CallHandle, Task {
  dueAt = Infinity;
  heapIndex = NOT_QUEUED;
  /** Once it has begun. */
  handle: CallHandle | undefined;

  constructor(
    readonly listener: WaitingBroadcastListener,
    readonly leave: (broadcast: WaitingBroadcast) => void,
  ) {}

  run(): void {
    this.leave(this);
    this.listener.failed('ECONNREFUSED');
  }

  cancel(): void {
    this.leave(this);
    this.handle?.cancel();
  }

  read(): void {
    this.handle?.read();
  }

  get handedOver(): number {
    return this.handle?.handedOver ?? 0;
  }

  get hasCompleted(): boolean {
    return this.handle?.hasCompleted ?? false;
  }
}

/** Broadcasts that wait for a discovery to name the first servers: who "all servers" are is not known before. */
export class WaitingBroadcasts {
  readonly #scheduler: Scheduler;
  readonly #waiting = new Set<WaitingBroadcast>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(until: number, listener: WaitingBroadcastListener): CallHandle {
    const broadcast = new WaitingBroadcast(listener, (left) => this.#remove(left));
    this.#waiting.add(broadcast);
    this.#scheduler.schedule(broadcast, until);
    return broadcast;
  }

  /** The first servers are known. */
  begin(): void {
    for (const broadcast of this.#takeAll()) broadcast.handle = broadcast.listener.begin();
  }

  close(): void {
    for (const { listener } of this.#takeAll()) listener.failed('CLOSED');
  }

  #takeAll(): readonly WaitingBroadcast[] {
    const all = [...this.#waiting];
    for (const broadcast of all) this.#remove(broadcast);
    return all;
  }

  #remove(broadcast: WaitingBroadcast): void {
    this.#waiting.delete(broadcast);
    this.#scheduler.cancel(broadcast);
  }
}
