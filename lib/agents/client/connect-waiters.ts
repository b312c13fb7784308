import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { FreelanceError, FreelanceErrorCode } from '../../core/freelance-error.js';
import type { Pool } from '../../core/pool.js';
import type { Scheduler, Task } from '../scheduler.js';
import type { CallAdmission } from './call-admission.js';
import type { Server } from './call.js';
import type { ClientAgentOptions } from './client-agent-options.js';
import { describeFailure } from './describe-failure.js';
import type { ServerOrigin } from './server-origin.js';

/** Someone who waits for the first server to answer. */
class ConnectWaiter implements Task {
  dueAt = Infinity;
  heapIndex = NOT_QUEUED;

  constructor(
    readonly resolve: () => void,
    readonly reject: (error: Error) => void,
    /** No server has answered in time. */
    readonly run: () => void,
  ) {}
}

type ConnectOptions = Pick<ClientAgentOptions, 'connectTimeout' | 'origin'>;

export interface ConnectWaitersDeps {
  readonly pool: Pick<Pool<Server>, 'isUsable' | 'isUnauthorized' | 'members'>;
  readonly admission: CallAdmission;
  readonly scheduler: Scheduler;
  readonly now: () => number;
}

/** Those who wait in `connect()` for the first server to answer. */
export class ConnectWaiters {
  readonly #deps: ConnectWaitersDeps;
  /** How long one may wait, in ms. */
  readonly #timeout: number;
  readonly #origin: ServerOrigin | undefined;
  readonly #waiters = new Set<ConnectWaiter>();

  constructor(options: ConnectOptions, deps: ConnectWaitersDeps) {
    this.#deps = deps;
    this.#timeout = options.connectTimeout;
    this.#origin = options.origin;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Resolves once a server can be called.
   *
   * @throws FreelanceError `ECONNREFUSED` if none can be after `connectTimeout`
   * @throws FreelanceError `UNAUTHORIZED` as soon as each of them refuses this client
   * @throws FreelanceError `CLOSED`, or `OVERLOADED` if as many wait as `maxPending` allows
   */
  connect(): Promise<void> {
    const { pool, admission } = this.#deps;
    return pool.isUsable && !admission.closed ? CONNECTED : this.#untilUsable();
  }

  async #untilUsable(): Promise<void> {
    const { pool, admission } = this.#deps;
    const { closed } = admission;
    if (closed) throw closed;
    if (pool.isUnauthorized) throw this.#failure('UNAUTHORIZED');
    const overload = admission.overloadBy(1);
    if (overload) throw overload;
    await this.#wait();
  }

  #wait(): Promise<void> {
    const { scheduler, now } = this.#deps;
    return new Promise((resolve, reject) => {
      const waiter = new ConnectWaiter(resolve, reject, () => {
        this.#waiters.delete(waiter);
        reject(this.#failure('ECONNREFUSED'));
      });
      this.#waiters.add(waiter);
      scheduler.schedule(waiter, now() + this.#timeout);
    });
  }

  /** A server can be called. */
  resolveAll(): void {
    for (const waiter of this.#takeAll()) waiter.resolve();
  }

  /** None will be. */
  rejectAll(code: FreelanceErrorCode): void {
    for (const waiter of this.#takeAll()) waiter.reject(this.#failure(code));
  }

  #takeAll(): readonly ConnectWaiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) this.#deps.scheduler.cancel(waiter);
    return waiters;
  }

  #failure(code: FreelanceErrorCode): FreelanceError {
    return describeFailure(code, this.#deps.pool.members, this.#origin);
  }
}

/** The usual answer is always the same. */
const CONNECTED = Promise.resolve();
