import { BaseRpcContext } from '@nestjs/microservices';
import type { ServerRequest } from '../../agents/server/read-request.js';
import { shareInstances } from '../../core/shared-instances.js';
import type { Metadata } from '../../protocol/headers.js';
import type { FreelancePeer } from '../../security/peer.js';
import { guardListeners } from './guarded-signal.js';

/** What a call tells its handler while it runs. */
export interface CallScope {
  /** Aborted once nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/**
 * What a handler may know of the call it serves, by `@Ctx()`. What it does not tell cannot be reached from it
 * either: not by `getArgs()`, which has the pattern alone, nor by whatever prints objects. Else a log of contexts
 * would hold the routing ids of clients, which prove who they are.
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

  /** What the caller sent beside the data, by `setMetadata` or its option; empty if nothing. */
  getMetadata(): Metadata {
    return this.#request.metadata;
  }

  /** Which try of the call this is, from 1: more than 1 says that a server may have run it already. */
  getAttempt(): number {
    return this.#request.attempt;
  }

  /** Which client calls: an id that it drew when it was made. Clients of the older dialects have none. */
  getClientId(): string | undefined {
    return this.#request.clientId;
  }

  /**
   * Who calls, as its connection was authenticated: for guards. Undefined if the server has no `security`.
   * Its members are undefined of a client that does not say who it is, which only a server with
   * `allowAnonymous` serves.
   */
  getPeer(): FreelancePeer | undefined {
    return this.#request.peer;
  }

  /**
   * When the caller gives up, in ms since 1970 by this machine's clock, as of `Date.now()`; undefined if
   * never. To give a call of the handler's own what is left of it:
   * `new FreelanceRecordBuilder(data).setParent(ctx)`.
   */
  getDeadline(): number | undefined {
    const remaining = this.#request.remaining();
    return remaining === Infinity ? undefined : Date.now() + remaining;
  }

  /**
   * Aborted when the caller unsubscribes, leaves, or its deadline passes, and when the server closes and
   * `drainTimeout` has passed: for `fetch`, timers, queries. Of an event it never aborts; of a call of the
   * older dialects, which cannot be cancelled, only when the server closes.
   */
  get signal(): AbortSignal {
    const { signal } = this.#scope;
    return this.#listenerFailed ? guardListeners(signal, this.#listenerFailed) : signal;
  }
}
