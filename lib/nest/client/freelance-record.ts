import { shareInstances } from '../../core/shared-instances.js';
import type { Metadata } from '../../protocol/headers.js';
import type { FreelanceContext } from '../server/freelance-context.js';
import { checkCallOptions, checkSetter } from './call-option-rules.js';
import type { FreelanceCallOptions, HedgeOptions } from './freelance-call-options.js';

/** The options of data without a record. */
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
    /** The data that the handler gets. */
    readonly data: T,
    /** The options of the call. */
    readonly options: FreelanceCallOptions,
  ) {
    if (options !== NO_OPTIONS) checkCallOptions(options);
  }
}

/**
 * Builds a record: the data of one call or event with options of its own.
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
   * Sets metadata, which the handler gets by `ctx.getMetadata()`. It overrides the same keys of the client's option
   * `metadata`, and those that `setParent` passes on. Servers of the older dialects do not get it.
   *
   * @param metadata an object of strings; members that are `undefined` are left out
   * @throws FreelanceError `BAD_OPTIONS` unless it is an object whose values are strings
   */
  setMetadata(metadata: Metadata): this {
    checkSetter('setMetadata', 'metadata', metadata);
    return this.#set({ metadata: { ...metadata } });
  }

  /**
   * Sets the deadline of the whole call, over all its attempts and values, in ms from its subscription. When it has passed,
   * the call fails with `ETIMEDOUT`, and the server aborts the handler's signal (one of an older dialect does not know the
   * deadline). Without a deadline `requestTimeout` bounds each attempt, and `requestTimeout` × `maxAttempts` the time to the
   * first value. @default the client's option `timeout`
   *
   * @param ms from 1 to 9 007 199 254 740 991; `Infinity` for none
   * @throws FreelanceError `BAD_OPTIONS` unless it is such a number
   */
  setTimeout(ms: number): this {
    checkSetter('setTimeout', 'timeout', ms);
    return this.#set({ timeout: ms });
  }

  /**
   * Sets how many attempts of the call may be sent, the first included. Attempts that a server refused do not count.
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
   * Sets whether the call may run twice. If not, it is sent to another server only while it is certain that it has not run;
   * else it fails with `ECONNRESET` or `ETIMEDOUT`. A handler that is `@AtMostOnce()` never runs twice, whatever is set here.
   * @default the client's option `idempotent`
   *
   * @throws FreelanceError `BAD_OPTIONS` unless it is `true` or `false`
   */
  setIdempotent(idempotent: boolean): this {
    checkSetter('setIdempotent', 'idempotent', idempotent);
    return this.#set({ idempotent });
  }

  /**
   * Sends calls with the same key to the same server, from every client, as long as that server is alive and has no more than
   * 1.25 times the average of this client's calls in flight, rounded up. Else they go to the next server in the order of the
   * key. When a server comes or goes, only its own keys move. The `balancer` is not asked. With the option `subset` a client
   * does not know all servers, and such a call fails with `BAD_OPTIONS`. Sources: D. Thaler, C. Ravishankar, "Using Name-Based Mappings to Increase Hit
   * Rates", 1998; V. Mirrokni et al., "Consistent Hashing with Bounded Loads", 2016.
   *
   * @param key not empty, such as the id of a user whose data the server caches
   * @throws FreelanceError `BAD_OPTIONS` unless it is a string that is not empty
   */
  setRoutingKey(key: string): this {
    checkSetter('setRoutingKey', 'routingKey', key);
    return this.#set({ routingKey: key });
  }

  /**
   * Hedges the call: if neither a value nor an error of the handler arrives within `after` ms, the call is also sent to
   * another server, and so on up to `max` more servers. The first answer wins, and the other attempts are cancelled. An
   * attempt that fails is replaced at once. Each hedge takes a token of the `retryBudget`; without one it is tried again `after` ms later. It
   * counts as one of `maxAttempts`, but is not bounded by it. `{ after: 0, max: Infinity }` asks all servers, and needs a
   * `retryBudget` whose `ratio` is the number of the others.
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
   * Sends the call to every server, once: `maxAttempts`, `idempotent`, `hedge` and `routingKey` do not apply. Servers that can
   * be called get it at once. Servers that are still `connecting` get it once they have answered, within `connectTimeout` and
   * the deadline. Servers that cannot be called fail at once. The values of all servers arrive as they come, whichever
   * servers fail. The call ends when all have answered or failed; if any failed or was not reached, with a `FreelanceError`
   * `BROADCAST`, whose `failed` says which and why. `emit` yields a `BroadcastReport` instead. With the option `subset` a
   * client does not know all servers, and both fail with `BAD_OPTIONS`.
   *
   * @param broadcast `false` undoes it. `true` if left out
   * @throws FreelanceError `BAD_OPTIONS` unless it is `true` or `false`
   */
  setBroadcast(broadcast = true): this {
    checkSetter('setBroadcast', 'broadcast', broadcast);
    return this.#set({ broadcast });
  }

  /**
   * Cancels the call when the signal aborts: the call fails with `CANCELLED`, with the signal's reason as its `cause`, and the
   * server aborts the handler's signal.
   *
   * @throws FreelanceError `BAD_OPTIONS` unless it is an `AbortSignal`
   */
  setSignal(signal: AbortSignal): this {
    checkSetter('setSignal', 'signal', signal);
    return this.#set({ signal });
  }

  /**
   * Makes the call on behalf of the call that a handler serves: it fails with `CANCELLED` when that one is aborted, its
   * deadline is no later, and it passes on `traceparent` and `tracestate` (W3C Trace Context).
   *
   * @param parent the context that the handler gets by `@Ctx()`
   * @throws FreelanceError `BAD_OPTIONS` unless it is such a context
   */
  setParent(parent: FreelanceContext): this {
    checkSetter('setParent', 'parent', parent);
    return this.#set({ parent });
  }

  /** The record, which `send`, `emit` and `iterate` take in the place of data. */
  build(): FreelanceRecord<T> {
    return new FreelanceRecord(this.#data, this.#options);
  }

  #set(options: FreelanceCallOptions): this {
    this.#options = { ...this.#options, ...options };
    return this;
  }
}
