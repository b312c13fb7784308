import type { Balancer, ServerView } from '../balancer.js';

/**
 * How far above its even share of the calls a server may be loaded before a key moves on to its next one.
 * Source: V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent Hashing with Bounded Loads", 2016, section 1,
 * where 1.25 is the example; the more, the truer are keys to their servers, and the less even is the load.
 */
const BOUND = 1.25;

/**
 * The server of a key: each key ranks the servers by an order of its own, the same for every client, and
 * takes the first that has room within the bound. A server that comes or goes moves only the keys that are
 * its own.
 *
 * Source: D. Thaler, C. Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", 1998 (highest random
 * weight, or rendezvous hashing).
 */
export function rendezvous(key: string): Balancer {
  return {
    pick(servers) {
      const calls = servers.reduce((sum, { pending }) => sum + pending, 1);
      const most = Math.ceil((BOUND * calls) / servers.length);
      const keyHash = hash(key, FNV_OFFSET);
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

/** Source: FNV-1a, 32 bits, http://www.isthe.com/chongo/tech/comp/fnv/; here by UTF-16 units, not by bytes. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hash(text: string, from: number): number {
  let state = from;
  for (let place = 0; place < text.length; place++) {
    state = Math.imul(state ^ text.charCodeAt(place), FNV_PRIME);
  }
  return state;
}

/**
 * Spreads each bit over all of them: FNV alone ranks addresses alike that differ in their last digit only.
 * Source: A. Appleby, MurmurHash3, `fmix32`.
 */
function mixed(bits: number): number {
  let state = bits ^ (bits >>> 16);
  state = Math.imul(state, 0x85ebca6b);
  state ^= state >>> 13;
  state = Math.imul(state, 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
