import { FreelanceError } from '../../core/freelance-error.js';
import type { Metadata } from '../../protocol/headers.js';
import type { FreelanceContext } from '../server/freelance-context.js';

/** How one call differs from what the client does by default. */
export interface FreelanceCallOptions {
  readonly metadata?: Metadata;
  readonly timeout?: number;
  readonly maxAttempts?: number;
  readonly idempotent?: boolean;
  readonly broadcast?: boolean;
  readonly signal?: AbortSignal;
  readonly parent?: FreelanceContext;
}

/** Data with options for the call that carries it. Made by `FreelanceRecordBuilder`. */
export class FreelanceRecord<T = unknown> {
  constructor(
    readonly data: T,
    readonly options: FreelanceCallOptions,
  ) {}
}

/**
 * Gives one call options of its own:
 *
 * ```ts
 * client.send('charge', new FreelanceRecordBuilder(order).setIdempotent(false).setTimeout(800).build());
 * ```
 */
export class FreelanceRecordBuilder<T> {
  readonly #data: T;
  #options: FreelanceCallOptions = {};

  constructor(data: T) {
    this.#data = data;
  }

  /** Text that travels beside the data; the handler finds it by `ctx.getMetadata()`. */
  setMetadata(metadata: Metadata): this {
    return this.#set({ metadata: { ...metadata } });
  }

  /**
   * The deadline of the whole call, all its attempts and all its values, in ms from when it is
   * subscribed to. The server knows it, and stops the work when it has passed. Without it, only
   * `requestTimeout` bounds each attempt.
   *
   * @throws FreelanceError `BAD_OPTIONS` unless it is a number of at least 1
   */
  setTimeout(ms: number): this {
    if (!(ms >= 1)) throw bad('setTimeout', 'at least 1 ms', ms);
    return this.#set({ timeout: ms });
  }

  /**
   * How often the call may be given to a server that may then have run it.
   *
   * @throws FreelanceError `BAD_OPTIONS` unless it is a whole number of at least 1
   */
  setMaxAttempts(attempts: number): this {
    if (!Number.isInteger(attempts) || attempts < 1) {
      throw bad('setMaxAttempts', 'a whole number, at least 1', attempts);
    }
    return this.#set({ maxAttempts: attempts });
  }

  /**
   * Whether running the call twice does no more harm than once. If not, it is given to another server
   * only where it is certain that it did not run. @default true
   */
  setIdempotent(idempotent: boolean): this {
    return this.#set({ idempotent });
  }

  /**
   * Every server that lives gets it, once. The values of all of them arrive as they come; a server that
   * fails hides no answer of another: when all have answered or failed, the call ends, with a
   * `FreelanceError` `BROADCAST` if any failed. `emit` yields a `BroadcastReport` instead of an error.
   */
  setBroadcast(broadcast = true): this {
    return this.#set({ broadcast });
  }

  /** Ends the call with `CANCELLED` when it aborts, and stops the work at the server. */
  setSignal(signal: AbortSignal): this {
    return this.#set({ signal });
  }

  /**
   * The call is made for one that a handler is serving: it ends with that one, gets at most the time
   * that is left of its deadline, and carries its `traceparent` and `tracestate` on.
   */
  setParent(parent: FreelanceContext): this {
    return this.#set({ parent });
  }

  build(): FreelanceRecord<T> {
    return new FreelanceRecord(this.#data, this.#options);
  }

  #set(options: FreelanceCallOptions): this {
    this.#options = { ...this.#options, ...options };
    return this;
  }
}

function bad(method: string, bound: string, value: unknown): FreelanceError {
  return new FreelanceError(
    'BAD_OPTIONS',
    `FreelanceRecordBuilder: ${method} takes ${bound}, but got ${String(value)}.`,
  );
}
