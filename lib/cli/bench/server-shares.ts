import type { ClientStats } from '../../agents/client/client-stats.js';
import { plainText } from '../../core/plain-text.js';

/** What one server did in a stretch of time. Its figures count attempts: a call that went to two servers counts at both. */
export interface ServerShare {
  readonly endpoint: string;
  /** How the server calls itself, safe to print; undefined if it does not say. */
  readonly serverId: string | undefined;
  readonly attempts: number;
  /** Its part of all attempts, from 0 to 1. */
  readonly share: number;
  readonly failed: number;
  /** How it looks at the end. */
  readonly state: string;
}

/** What the client did beyond one attempt for each call. */
export interface FurtherAttempts {
  readonly retried: number;
  readonly moved: number;
  readonly hedged: number;
}

type Errors = ClientStats['errors'];

const sumOf = (errors: Errors): number =>
  Object.values(errors).reduce((sum, count) => sum + count, 0);

/** Counters of a client only grow: what happened between two looks is their difference. */
export function sharesBetween(before: ClientStats, after: ClientStats): ServerShare[] {
  const servers = Object.entries(after.endpoints).map(([endpoint, stats]) => {
    const earlier = before.endpoints[endpoint];
    return {
      endpoint,
      serverId: stats.serverId === undefined ? undefined : plainText(stats.serverId),
      attempts: stats.calls - (earlier?.calls ?? 0),
      failed: sumOf(stats.errors) - (earlier ? sumOf(earlier.errors) : 0),
      state: stats.state,
    };
  });
  const all = servers.reduce((sum, { attempts }) => sum + attempts, 0);
  const share = (attempts: number) => (all === 0 ? 0 : attempts / all);
  return servers.map((server) => Object.assign(server, { share: share(server.attempts) }));
}

export function furtherAttempts(before: ClientStats, after: ClientStats): FurtherAttempts {
  return {
    retried: after.retried - before.retried,
    moved: after.moved - before.moved,
    hedged: after.hedged - before.hedged,
  };
}
