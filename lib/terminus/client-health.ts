import type { ClientStats, EndpointStats } from '../agents/client/client-stats.js';

/** What a health check shows of one server. Times in ms, rounded: heartbeats to 0.01 ms, the others to 1 ms. */
export interface ServerDetails extends Pick<
  EndpointStats,
  'state' | 'serverId' | 'name' | 'service' | 'zone' | 'heartbeatLatencyMs' | 'lastSeenMs'
> {}

export interface ClientHealth {
  readonly isHealthy: boolean;
  readonly data: {
    /** Why it is not healthy. */
    readonly message?: string;
    /** How many servers are alive, and how many must be. */
    readonly alive: number;
    readonly minAlive: number;
    /** By address: those that are not alive first, 100 at most. */
    readonly servers: Readonly<Record<string, ServerDetails>>;
    /** How many more there are. */
    readonly moreServers?: number;
  };
}

/** A probe asks every few seconds, and keeps or logs the answer. */
const MOST_SERVERS_SHOWN = 100;

/** Whether a client has enough servers that it can call. */
export function clientHealth({ endpoints }: ClientStats, minAlive: number): ClientHealth {
  const all = Object.entries(endpoints);
  const alive = all.filter(([, { state }]) => state === 'alive');
  const others = all.filter(([, { state }]) => state !== 'alive');
  const isHealthy = alive.length >= minAlive;
  const shown = [...others, ...alive].slice(0, MOST_SERVERS_SHOWN);
  const hidden = all.length - shown.length;
  return {
    isHealthy,
    data: {
      ...(!isHealthy && { message: whyUnhealthy(all.length, alive.length, minAlive) }),
      alive: alive.length,
      minAlive,
      servers: Object.fromEntries(shown.map(([endpoint, stats]) => [endpoint, detailsOf(stats)])),
      ...(hidden > 0 && { moreServers: hidden }),
    },
  };
}

function whyUnhealthy(all: number, alive: number, minAlive: number): string {
  if (all === 0) return 'The client is not connected: it was closed, or has no endpoints.';
  if (all < minAlive)
    return `The client watches ${all} of the ${minAlive} servers that must be alive: lower minAlive, or add endpoints.`;
  return `${alive} of ${all} servers are alive, and ${minAlive} must be.`;
}

function detailsOf({
  state,
  serverId,
  name,
  service,
  zone,
  heartbeatLatencyMs,
  lastSeenMs,
}: EndpointStats): ServerDetails {
  return {
    state,
    serverId,
    name,
    service,
    zone,
    heartbeatLatencyMs: rounded(heartbeatLatencyMs, 100),
    lastSeenMs: rounded(lastSeenMs, 1),
  };
}

function rounded(ms: number | undefined, partsOfMs: number): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * partsOfMs) / partsOfMs;
}
