import type { ServerView } from '../../../lib/core/balancer.js';

/** What a test says of a server; its calls typically take `responseMs`, unless it says something else. */
type Seen = Partial<Omit<ServerView, 'responseMs' | 'typicalMs'>> & {
  responseMs?: number;
  typicalMs?: number;
};

/** A server as a balancer sees it: alive, idle and never measured, unless a test says otherwise. */
export function view(
  endpoint: string,
  { responseMs, typicalMs = responseMs, ...seen }: Seen = {},
): ServerView {
  return {
    endpoint,
    latencyMs: undefined,
    weight: 1,
    pending: 0,
    failures: 0,
    load: 0,
    failedLoad: () => 0,
    ...seen,
    responseMs: () => responseMs,
    typicalMs: () => typicalMs,
  };
}

export type Servers = readonly [ServerView, ...ServerView[]];

/** How often each server is picked. */
export function tally(times: number, pick: () => ServerView): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < times; turn++) {
    const { endpoint } = pick();
    counts[endpoint] = (counts[endpoint] ?? 0) + 1;
  }
  return counts;
}
