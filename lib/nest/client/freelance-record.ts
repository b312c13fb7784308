import { shareInstances } from '../../core/shared-instances.js';
import type { Metadata } from '../../protocol/headers.js';
import type { FreelanceContext } from '../server/freelance-context.js';
import { checkCallOptions, checkSetter } from './call-option-rules.js';
import type { FreelanceCallOptions, HedgeOptions } from './freelance-call-options.js';

/** Of data that is sent without a record. */
export const NO_OPTIONS: FreelanceCallOptions = {};

/**
 * Data with options for the call that carries it. Made by `FreelanceRecordBuilder`.
 *
 * @hideconstructor
 */
export class FreelanceRecord<T = unknown> {
  static {
    shareInstances(this, 'FreelanceRecord');
  }

  /** @throws FreelanceError `BAD_OPTIONS` if an option is unknown, or has a wrong value */
  constructor(
    /** What the handler gets. */
    readonly data: T,
    /** How the call differs from others. */
    readonly options: FreelanceCallOptions,
  ) {
    if (options !== NO_OPTIONS) checkCallOptions(options);
  }
}

/**
 * Gives one call, or one event, options of its own.
 *
 * ```ts
 * client.send('charge', new FreelanceRecordBuilder(order).setIdempotent(false).setTimeout(800).build());
 * ```
 */
export class FreelanceRecordBuilder<T> {
  static {
    shareInstances(this, 'FreelanceRecordBuilder');
  }

  readonly #data: T;
  #options: FreelanceCallOptions = {};

  /** @param data what the handler gets */
  constructor(data: T) {
    this.#data = data;
  }

  /**
   * Text that travels beside the data; the handler finds it by `ctx.getMetadata()`. Of the same key, it
   * comes before the client's option `metadata`, and before what `setParent` carries on. Servers of the
   * older dialects do not get it.
   *
   * @param metadata members that are `undefined` are left out
   * @throws FreelanceError `BAD_OPTIONS` unless it is an object whose values are strings
   */
  setMetadata(metadata: Metadata): this {
    checkSetter('setMetadata', 'metadata', metadata);
    return this.#set({ metadata: { ...metadata } });
  }

  /**
   * The deadline of the whole call, all its attempts and all its values, in ms from when it is
   * subscribed to. The server knows it (of the older dialects, it does not), and stops the work when it
   * has passed; the call then fails with `ETIMEDOUT`. Without one, `requestTimeout` bounds each
   * attempt, and with `maxAttempts` the call. @default the client's option `timeout`
   *
   * @param ms from 1 to 9 007 199 254 740 991, which is what headers can say; `Infinity` for none
   * @throws FreelanceError `BAD_OPTIONS` unless it is such a number
   */
  setTimeout(ms: number): this {
    checkSetter('setTimeout', 'timeout', ms);
    return this.#set({ timeout: ms });
  }

  /**
   * How often the call may be given to a server that may then have run it.
   * @default the client's option `maxAttempts`
   *
   * @param attempts a whole number, at least 1
   * @throws FreelanceError `BAD_OPTIONS` unless it is a whole number of at least 1
   */
  setMaxAttempts(attempts: number): this {
    checkSetter('setMaxAttempts', 'maxAttempts', attempts);
    return this.#set({ maxAttempts: attempts });
  }

  /**
   * Whether running the call twice does no more harm than once. If not, it is given to another server
   * only where it is certain that it did not run; else it fails with `ECONNRESET` or `ETIMEDOUT`. So does a call
   * whose handler is `@AtMostOnce()`, whatever is set here.
   * @default the client's option `idempotent`
   *
   * @throws FreelanceError `BAD_OPTIONS` unless it is `true` or `false`
   */
  setIdempotent(idempotent: boolean): this {
    checkSetter('setIdempotent', 'idempotent', idempotent);
    return this.#set({ idempotent });
  }

  /**
   * Calls of the same key go to the same server, whichever client makes them, as long as it is alive and
   * has no more than its share of this client's calls in flight: 1.25 times the average, rounded up. Else
   * they go to the next in the order of that key. When servers come or go, only the keys of these move. The
   * `balancer` is not asked. A client with the option `subset` does not know all servers: there such a call
   * fails with `BAD_OPTIONS`. Sources: D. Thaler, C. Ravishankar, "Using Name-Based Mappings to Increase Hit
   * Rates", 1998; V. Mirrokni et al., "Consistent Hashing with Bounded Loads", 2016.
   *
   * @param key not empty, such as the id of a user whose data a server may have in its cache
   * @throws FreelanceError `BAD_OPTIONS` unless it is a string that is not empty
   */
  setRoutingKey(key: string): this {
    checkSetter('setRoutingKey', 'routingKey', key);
    return this.#set({ routingKey: key });
  }

  /**
   * If no first value, and no error of the handler, comes within `after` ms, the call is also sent to
   * another server, and so on. Who answers first has it: its values arrive, and the others are cancelled.
   * An attempt that fails is replaced at once. Each takes one of the `retryBudget`, without which it is
   * not sent, and counts among `maxAttempts`, though these do not bound it. `{ after: 0, max: Infinity }`
   * asks everyone, and needs a `retryBudget` of that `ratio`.
   *
   * The call must be idempotent, or it fails with a `FreelanceError` `BAD_OPTIONS`. Sources: J. Dean and
   * L. A. Barroso, "The Tail at Scale", 2013; gRPC proposal A6; the ZeroMQ guide, chapter 4, "Model Two".
   *
   * @throws FreelanceError `BAD_OPTIONS` unless `after` and `max` are within their bounds
   */
  setHedge(options: HedgeOptions): this {
    const { after, max = 1 }: HedgeOptions = options ?? {};
    const hedge = { after, max };
    checkSetter('setHedge', 'hedge', hedge);
    return this.#set({ hedge });
  }

  /**
   * Every server gets it, once: `maxAttempts`, `idempotent`, `hedge` and `routingKey` do not matter. Those that can be
   * called get it at once. Those of which that is not known yet (`connecting`), as of a client that was just made, get
   * it when they have answered, within `connectTimeout` and the deadline. Those that cannot be called are not waited for.
   * The values of all of them arrive as they come; a server that fails hides no answer of another. When all have
   * answered or failed, the call ends; with a `FreelanceError` `BROADCAST` if any failed or was not reached, whose
   * `failed` says which, and why. `emit` yields a `BroadcastReport` instead of that error. A client with the option `subset` does not
   * know all servers: there it fails with `BAD_OPTIONS`, and so does `emit`.
   *
   * @param broadcast `false` takes it back; `true` if left out
   * @throws FreelanceError `BAD_OPTIONS` unless it is `true` or `false`
   */
  setBroadcast(broadcast = true): this {
    checkSetter('setBroadcast', 'broadcast', broadcast);
    return this.#set({ broadcast });
  }

  /**
   * Ends the call with `CANCELLED` when the signal aborts, and stops the work at the server. The error's
   * `cause` is the signal's reason.
   *
   * @throws FreelanceError `BAD_OPTIONS` unless it is an `AbortSignal`
   */
  setSignal(signal: AbortSignal): this {
    checkSetter('setSignal', 'signal', signal);
    return this.#set({ signal });
  }

  /**
   * The call is made for one that a handler is serving: it ends with `CANCELLED` when that one is
   * aborted, gets at most the time that is left of its deadline, and carries its `traceparent` and
   * `tracestate` on (W3C Trace Context).
   *
   * @param parent what the handler has by `@Ctx()`
   * @throws FreelanceError `BAD_OPTIONS` unless it is such a context
   */
  setParent(parent: FreelanceContext): this {
    checkSetter('setParent', 'parent', parent);
    return this.#set({ parent });
  }

  /** What `send`, `emit` and `iterate` take in the place of the data. */
  build(): FreelanceRecord<T> {
    return new FreelanceRecord(this.#data, this.#options);
  }

  #set(options: FreelanceCallOptions): this {
    this.#options = { ...this.#options, ...options };
    return this;
  }
}
