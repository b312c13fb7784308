import type { FreelanceClientOptions } from '../../../lib/nest/options/client-options.js';
import type { Fault } from '../faults/fault.js';
import { names } from '../scenarios/draw-plan.js';
import { onlyCalls } from '../scenarios/only-calls.js';
import type { Plan } from '../scenarios/scenario.js';

/** A system that is larger than one machine, and what goes wrong in it. Times in ms. */
export interface Fleet {
  readonly clients: number;
  readonly servers: number;
  readonly options?: Omit<FreelanceClientOptions, 'endpoints' | 'subset'>;
  /** How many servers a client watches, and whether clients are numbered; all if not told. */
  readonly subset?: { readonly size: number; readonly isNumbered: boolean };
  /** Mean time between the calls of one client, and how long an attempt may take. */
  readonly pauseMs: number;
  readonly requestTimeoutMs: number;
  readonly serviceMs: number;
  /** How many handlers of a server work at a time; as many as there are if not told. */
  readonly workers?: number;
  readonly lastsMs: number;
  /** What happens to the servers of the zone. */
  readonly faults: readonly ZoneFault[];
}

export type ZoneFault = { readonly at: number; readonly for: number } & (
  { readonly kind: 'kill' } | { readonly kind: 'overload'; readonly times: number }
);

/** A zone is a quarter of the servers; a fleet of which all are concerned is a zone by itself. */
const ZONES = 4;

export function zoneOf({ servers }: Fleet, isAll = false): string[] {
  return names('server', servers).filter((_, place) => isAll || place % ZONES === 0);
}

export function planOf(fleet: Fleet, zone: readonly string[]): Plan {
  const { subset, pauseMs, requestTimeoutMs, serviceMs, workers, lastsMs } = fleet;
  return {
    servers: names('server', fleet.servers),
    clients: names('client', fleet.clients).map((name, index) => ({
      name,
      options: {
        ...fleet.options,
        ...(subset && {
          subset: { size: subset.size, ...(subset.isNumbered && { index }) },
        }),
      },
      workload: onlyCalls({ pauseMs, requestTimeoutMs }),
    })),
    latency: () => ({ ms: 0.3, jitterMs: 0.3 }),
    sendQueue: 65_536,
    serviceMs,
    ...(workers !== undefined && { workers }),
    lastsMs,
    faults: zone.flatMap((host) => fleet.faults.map((fault): Fault => ({ ...fault, host }))),
    recoveryMs: 3000,
    // Each look at the stats of an agent goes through all of its servers.
    inspectEvery: 100_000,
  };
}
