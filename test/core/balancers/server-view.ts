import type { ServerView } from '../../../lib/core/balancer.js';

/** A server as a balancer sees it: alive, idle and never measured, unless a test says otherwise. */
export function view(
  endpoint: string,
  { responseMs, ...seen }: Partial<Omit<ServerView, 'responseMs'>> & { responseMs?: number } = {},
): ServerView {
  return {
    endpoint,
    latencyMs: undefined,
    pending: 0,
    failures: 0,
    load: 0,
    failedLoad: () => 0,
    ...seen,
    responseMs: () => responseMs,
  };
}

export type Servers = readonly [ServerView, ...ServerView[]];

/** How often each server is chosen. */
export function tally(times: number, pick: () => ServerView): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < times; turn++) {
    const { endpoint } = pick();
    counts[endpoint] = (counts[endpoint] ?? 0) + 1;
  }
  return counts;
}
