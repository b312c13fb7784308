import type { DiscoveryStats } from './discovery-stats.js';

/** Where the servers of a client come from that has no list of them. */
export interface ServerOrigin {
  /** Whether it has named servers at least once. */
  readonly hasAnswered: boolean;
  /** Why there are not more servers, for errors: a sentence without its full stop. Undefined if there is nothing to explain. */
  describe(): string | undefined;
  stats(): DiscoveryStats;
}
