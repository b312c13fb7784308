import type { Balancer, ServerView } from '../balancer.js';
import { hash, mixed } from '../hash.js';

/**
 * How far above its even share of the calls a server may be loaded before a key moves on to its next server.
 * Source: V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent Hashing with Bounded Loads", 2016, section 1,
 * where 1.25 is the example. A larger bound keeps keys at their servers and makes the load less even.
 */
const BOUND = 1.25;

/**
 * The server of a key. Each key ranks the servers in an order of its own, the same for every client, and takes the first
 * one with room within the bound. A server that comes or goes moves only its own keys.
 *
 * Source: D. Thaler, C. Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", 1998 (highest random
 * weight, or rendezvous hashing).
 */
export function rendezvous(key: string): Balancer {
  return {
    pick(servers) {
      const calls = servers.reduce((sum, { pending }) => sum + pending, 1);
      const most = Math.ceil((BOUND * calls) / servers.length);
      const keyHash = hash(key);
      let [best] = servers;
      let bestWeight = -1;
      for (const server of servers) {
        if (server.pending >= most) continue;
        const weight = weightOf(keyHash, server);
        if (weight < bestWeight || (weight === bestWeight && best.endpoint < server.endpoint))
          continue;
        best = server;
        bestWeight = weight;
      }
      return best;
    },
  };
}

function weightOf(keyHash: number, { endpoint }: ServerView): number {
  return mixed(hash(endpoint, keyHash));
}
