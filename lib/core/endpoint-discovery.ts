import type { ServerTarget } from './server-target.js';

/**
 * Where a client finds its servers, and learns of those that come and go. One object may serve several clients.
 *
 * ```ts
 * const registry: EndpointDiscovery = {
 *   name: 'the registry of orders',
 *   async *watch({ signal }) {
 *     for (; !signal.aborted; await changeOfRegistry(signal)) yield await readRegistry(signal);
 *   },
 * };
 * ```
 */
export interface EndpointDiscovery {
  /** What logs, errors and `stats()` call it: a few words, such as `dns tcp://orders.shop.svc:5555`. */
  readonly name: string;

  /**
   * Called once for each client that opens, and again after what it returned has thrown: after 1 to 2 s at first, later after
   * up to 30 s.
   *
   * Each value is a whole set, and takes the place of the one before. An entry that is not an address, or does not fit the
   * client's `security`, is left out with a warning. An empty set, an error and the end leave the client with its last set.
   * The next value is asked for 100 ms after the last one at the earliest.
   */
  watch(watch: DiscoveryWatch): AsyncIterable<readonly (string | ServerTarget)[]>;
}

/** What a client tells the discovery that it follows. */
export interface DiscoveryWatch {
  /** Aborted once nobody listens any more: the client was closed, or `watch` has thrown. */
  readonly signal: AbortSignal;

  /**
   * Adds a listener that is called when an answer of now is wanted: a server was lost or leaves, or none can be called. At
   * most once a second; what it throws is a warning.
   *
   * @returns removes the listener
   */
  readonly onRefresh: (listener: () => void) => () => void;

  /**
   * To be called when a look-up has failed that will be tried again: the last set stays. For the log, for `stats()`, and for the
   * error of calls that find no server.
   */
  readonly failed: (error: unknown) => void;

  /** To be called when something is wrong with a part of what is named: for the log and for `stats()`. */
  readonly warn: (error: unknown) => void;
}
