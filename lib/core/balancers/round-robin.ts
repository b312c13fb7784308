import type { Balancer, ServerView } from '../balancer.js';

/**
 * Takes the servers in turn, as often as their weights say. It has state, so every client needs one of its own.
 *
 * Source: nginx, `ngx_http_upstream_round_robin.c`, smooth weighted round robin: weights of 5, 1, 1 give `a a b a c a a`.
 */
export function roundRobin(): Balancer {
  let turn = 0;
  /** What each server is owed, in the unit of weights. */
  const owed = new WeakMap<ServerView, number>();

  function byWeight<T extends ServerView>(servers: readonly [T, ...T[]]): T {
    let [best] = servers;
    let most = -Infinity;
    let total = 0;
    for (const server of servers) {
      const due = (owed.get(server) ?? 0) + server.weight;
      owed.set(server, due);
      total += server.weight;
      if (due <= most) continue;
      best = server;
      most = due;
    }
    owed.set(best, most - total);
    return best;
  }

  return {
    pick(servers) {
      const [{ weight }] = servers;
      if (servers.some((server) => server.weight !== weight)) return byWeight(servers);
      return servers[turn++ % servers.length] ?? servers[0];
    },
  };
}
