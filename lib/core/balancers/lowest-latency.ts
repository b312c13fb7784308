import type { Balancer, ServerView } from '../balancer.js';

/**
 * The server with the fewest consecutive failures and, among equals, the fastest heartbeat. One server gets all calls, so it
 * ignores weights.
 */
export const lowestLatency: Balancer = {
  pick(servers) {
    return servers.reduce((best, server) => (isBetter(server, best) ? server : best));
  },
};

function isBetter(a: ServerView, b: ServerView): boolean {
  if (a.failures !== b.failures) return a.failures < b.failures;
  return (a.latencyMs ?? Infinity) < (b.latencyMs ?? Infinity);
}
