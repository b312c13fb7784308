import type { Balancer } from '../balancer.js';

/** Each in its turn. Keeps its place, so every client needs one of its own. */
export function roundRobin(): Balancer {
  let turn = 0;
  return {
    pick(servers) {
      return servers[turn++ % servers.length] ?? servers[0];
    },
  };
}
