import { type FreelanceClientProxy, FreelanceRecordBuilder } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import type { Task, WorkDone } from '../fleet/messages.js';
import { Meter } from './meter.js';

/** The load that the limits assume: this many calls in flight at all times. */
export const IN_FLIGHT = 64;

/** How long a handler takes, in ms, like a database query. */
export const WORK_MS = 20;

/** How long a caller waits after a failed call, in ms. */
export const AFTER_FAILURE_MS = 10;

/** The ids of one load's calls lie between two multiples of this. */
const LOAD = 2 ** 32;

let loads = 0;

/** The number of the load that made the call with that id. */
export function loadOf(id: number): number {
  return Math.floor(id / LOAD);
}

/** Ids of calls that no other load has. */
export function newLoad(number = ++loads) {
  let made = 0;
  return {
    nextId: (): number => number * LOAD + made++,
    /** Whether the call with that id belongs to this load. */
    made: (id: number): boolean => loadOf(id) === number,
  };
}

interface LoadOptions {
  readonly idempotent?: boolean;
  readonly padding?: number;
  readonly number?: number | undefined;
}

/** A source of calls, each of which knows its own answer. */
export class Load {
  readonly meter = new Meter();
  readonly #client: FreelanceClientProxy;
  readonly #isIdempotent: boolean;
  readonly #padding: Pick<Task, 'padding'>;
  readonly #nextId: () => number;
  /** Whether the call with that id belongs to this load. */
  readonly made: (id: number) => boolean;

  /**
   * @param padding bytes that each call carries beyond the others, for packets of a size
   * @param number where several processes make calls, one of its own for each load
   */
  constructor(
    client: FreelanceClientProxy,
    { idempotent = true, padding = 0, number }: LoadOptions = {},
  ) {
    this.#client = client;
    const { made, nextId } = newLoad(number);
    this.made = made;
    this.#nextId = nextId;
    this.#isIdempotent = idempotent;
    this.#padding = padding > 0 ? { padding: 'x'.repeat(padding) } : {};
  }

  /** Makes one call and records its outcome. Never rejects. @returns whether it was answered */
  async call(ms = WORK_MS): Promise<boolean> {
    const { meter } = this;
    meter.started++;
    const task: Task = { id: this.#nextId(), ms, ...this.#padding };
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

/** A fixed number of callers, each of which calls again as soon as its call has ended (a closed loop). */
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

  /** Makes no further calls. Open ones end with their client. */
  [Symbol.dispose](): void {
    this.#isOver = true;
  }

  async #callOnAndOn(): Promise<void> {
    while (!this.#isOver) if (!(await this.call())) await delay(AFTER_FAILURE_MS);
  }
}
