import { BaseRpcContext } from '@nestjs/microservices';
import type { ServerRequest } from '../../agents/server/read-request.js';
import { shareInstances } from '../../core/shared-instances.js';
import type { Metadata } from '../../protocol/headers.js';
import type { FreelancePeer } from '../../security/peer.js';
import { guardListeners } from '../guarded-signal.js';

/** What a handler is told while it runs. */
export interface CallScope {
  /** Aborted once nobody waits for the call any more. */
  readonly signal: AbortSignal;
}

/**
 * What a handler may know of the call it serves, by `@Ctx()`. Nothing else can be reached from it: `getArgs()` has the
 * pattern alone, and printing the context shows no more. So a logged context never holds a client's routing id, which
 * proves the client's identity.
 *
 * @hideconstructor
 */
export class FreelanceContext extends BaseRpcContext<[pattern: string]> {
  static {
    shareInstances(this, 'FreelanceContext');
  }

  readonly #request: ServerRequest;
  readonly #scope: CallScope;
  readonly #listenerFailed: ((error: unknown) => void) | undefined;

  constructor(
    request: ServerRequest,
    pattern: string,
    scope: CallScope,
    listenerFailed?: (error: unknown) => void,
  ) {
    super([pattern]);
    this.#request = request;
    this.#scope = scope;
    this.#listenerFailed = listenerFailed;
  }

  /** The pattern that the caller named; an object as its JSON. */
  getPattern(): string {
    return this.args[0];
  }

  /** The caller's metadata, from `setMetadata` or its option `metadata`; empty if there is none. */
  getMetadata(): Metadata {
    return this.#request.metadata;
  }

  /** The number of this attempt of the call, from 1. With more than 1, another server may have run the call already. */
  getAttempt(): number {
    return this.#request.attempt;
  }

  /** The id of the calling client, random for each `FreelanceClientProxy`. Clients of the older dialects have none. */
  getClientId(): string | undefined {
    return this.#request.clientId;
  }

  /**
   * The caller as its connection was authenticated, for guards. Undefined if the server has no `security`. For an
   * anonymous client, which only a server with `allowAnonymous` serves, its members are undefined.
   */
  getPeer(): FreelancePeer | undefined {
    return this.#request.peer;
  }

  /**
   * When the caller gives up, in ms since 1970 by this machine's clock, as `Date.now()` counts; undefined if never. To
   * pass the deadline on to calls that the handler makes: `new FreelanceRecordBuilder(data).setParent(ctx)`.
   */
  getDeadline(): number | undefined {
    const remaining = this.#request.remaining();
    return remaining === Infinity ? undefined : Date.now() + remaining;
  }

  /**
   * Aborted when the caller unsubscribes or disconnects, when its deadline passes, and when `drainTimeout` ends the drain
   * of a closing server: pass it to `fetch`, timers, queries. It never aborts for an event; for a call of an older dialect,
   * which cannot be cancelled, only when the server closes.
   */
  get signal(): AbortSignal {
    const { signal } = this.#scope;
    return this.#listenerFailed ? guardListeners(signal, this.#listenerFailed) : signal;
  }
}
