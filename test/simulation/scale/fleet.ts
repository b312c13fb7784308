import type { FreelanceClientOptions } from '../../../lib/nest/options/client-options.js';
import type { Fault } from '../faults/fault.js';
import { names } from '../scenarios/draw-plan.js';
import { onlyCalls } from '../scenarios/only-calls.js';
import type { Admission, Plan } from '../scenarios/scenario.js';
import type { Chance } from '../time/chance.js';
import { type Region, type RegionStory, ZONES } from './region.js';

/** A system larger than one machine, and what fails in it. Times in ms. */
export interface Fleet {
  readonly clients: number;
  readonly servers: number;
  readonly options?: Omit<FreelanceClientOptions, 'endpoints' | 'subset'>;
  /** How many servers a client watches, and whether clients are numbered; all servers if not set. */
  readonly subset?: { readonly size: number; readonly isNumbered: boolean };
  /** Mean time between the calls of one client, and the time-out of an attempt. */
  readonly pauseMs: number;
  readonly requestTimeoutMs: number;
  readonly serviceMs: number;
  /** How many handlers of a server work at a time; unbounded if not set. */
  readonly workers?: number;
  readonly admission?: Admission;
  readonly lastsMs: number;
  /** What happens to the servers of the zone. */
  readonly faults: readonly ZoneFault[];
  /** If its zones matter to its clients. */
  readonly region?: Region;
}

export type ZoneFault = { readonly at: number; readonly for: number } & (
  { readonly kind: 'kill' } | { readonly kind: 'overload'; readonly times: number }
);

/** A zone is a quarter of the servers, or all of them if the whole fleet is affected. */
export function zoneOf({ servers }: Fleet, isAll = false): string[] {
  return names('server', servers).filter((_, place) => isAll || place % ZONES === 0);
}

/** @param zone the servers that faults happen to */
export function planOf(fleet: Fleet, zone: readonly string[], story?: RegionStory): Plan {
  const { subset, pauseMs, requestTimeoutMs, serviceMs, workers, admission, lastsMs } = fleet;
  return {
    servers: names('server', fleet.servers),
    clients: names('client', fleet.clients).map((name, index) => ({
      name,
      options: {
        ...fleet.options,
        ...(story && { zone: story.zoneNameOf(name) }),
        ...(subset && {
          subset: { size: subset.size, ...(subset.isNumbered && { index }) },
        }),
      },
      targets: story?.targetsFor(name),
      workload: onlyCalls({ pauseMs, requestTimeoutMs }),
    })),
    latency: () => ({ ms: 0.3, jitterMs: 0.3 }),
    sendQueue: 65_536,
    serviceMs,
    ...(workers !== undefined && { workers }),
    ...(admission && { admission }),
    lastsMs,
    faults: zone.flatMap((host) => fleet.faults.map((fault): Fault => ({ ...fault, host }))),
    recoveryMs: 3000,
    // Reading an agent's stats visits all of its servers.
    inspectEvery: 100_000,
  };
}

/** The same, with servers that come and go. */
export function planInRegion(fleet: Fleet, story: RegionStory, chance: Chance): Plan {
  return {
    ...planOf(fleet, [], story),
    servers: story.servers,
    later: story.later,
    latency: (from, to) => story.latency(from, to),
    // Who is told late of a server, or of one zone only, may fail although others could call it.
    recoveryMs: Infinity,
    watch: (world) => story.tell(world, fleet.lastsMs, chance),
  };
}
