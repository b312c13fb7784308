import { type FreelanceClientProxy, FreelanceRecordBuilder } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import type { Task, WorkDone } from '../fleet/messages.js';
import { Meter } from './meter.js';

/** What the bars are for: so many calls in flight, all the time. */
export const IN_FLIGHT = 64;

/** How long a handler takes, in ms, as if it asked a database. */
export const WORK_MS = 20;

/** How long a caller whose call has failed waits before the next one, in ms. */
const AFTER_FAILURE_MS = 10;

/** Calls of one load have ids between two multiples of it. */
const LOAD = 2 ** 32;

let loads = 0;

/** A source of calls, each of which knows its own answer. */
export class Load {
  readonly meter = new Meter();
  readonly #client: FreelanceClientProxy;
  readonly #isIdempotent: boolean;
  readonly #number = ++loads;

  constructor(client: FreelanceClientProxy, { idempotent = true } = {}) {
    this.#client = client;
    this.#isIdempotent = idempotent;
  }

  /** Whether the call with that id was one of this load. */
  readonly made = (id: number): boolean => Math.floor(id / LOAD) === this.#number;

  /** Makes one call, and notes what becomes of it. Never rejects. @returns whether it was answered */
  async call(ms = WORK_MS): Promise<boolean> {
    const { meter } = this;
    const task: Task = { id: this.#number * LOAD + meter.started++, ms };
    const record = new FreelanceRecordBuilder(task).setIdempotent(this.#isIdempotent).build();
    const startedAt = performance.now();
    try {
      const { id, serverId } = await firstValueFrom(this.#client.send<WorkDone>('work', record));
      if (id !== task.id) throw new Error(`call ${task.id} was given the answer to ${id}`);
      meter.noteAnswer({ serverId, startedAt, endedAt: performance.now() });
      return true;
    } catch (error) {
      meter.noteFailure(error, performance.now() - startedAt);
      return false;
    }
  }
}

/** So many callers, each of whom calls again as soon as the last call has ended. */
export class SteadyLoad extends Load implements Disposable {
  readonly #callers: Promise<void>[];
  #isOver = false;

  constructor(client: FreelanceClientProxy, { callers = IN_FLIGHT, idempotent = true } = {}) {
    super(client, { idempotent });
    this.#callers = Array.from({ length: callers }, () => this.#callOnAndOn());
  }

  /** Resolves once the last call has ended. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#callers);
  }

  /** Makes no further calls. Those that are open end with their client. */
  [Symbol.dispose](): void {
    this.#isOver = true;
  }

  async #callOnAndOn(): Promise<void> {
    while (!this.#isOver) if (!(await this.call())) await delay(AFTER_FAILURE_MS);
  }
}
