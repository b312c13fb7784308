import type { ServerTarget } from '../../../lib/core/server-target.js';
import type { FreelanceClientOptions } from '../../../lib/nest/options/client-options.js';
import type { FreelanceServerOptions } from '../../../lib/nest/options/server-options.js';
import type { Fault } from '../faults/fault.js';
import type { SimulatedSockets } from '../network/network.js';
import type { Latency } from '../network/routes.js';
import type { SocketPort } from '../../../lib/sockets/socket-port.js';
import type { Chance } from '../time/chance.js';
import type { Timeline } from '../time/timeline.js';
import type { Workload } from '../workload/ask.js';
import type { World } from '../world/world.js';

/** A kind of world: its hosts, what they do, and what goes wrong. */
export interface Scenario {
  readonly name: string;
  /** Draws one world of this kind. */
  plan(chance: Chance): Plan;
}

export interface Plan extends ServerPlan {
  readonly servers: readonly string[];
  /** Those of them that are not there at the start; none if not set. */
  readonly later?: ReadonlySet<string>;
  readonly clients: readonly ClientPlan[];
  latency(from: string, to: string): Latency;
  /** How many messages a server keeps for a client that does not read. */
  readonly sendQueue: number;
  /** Until when clients make calls, and by when every fault is over, in ms. */
  readonly lastsMs: number;
  readonly faults: readonly Fault[];
  /** How long after the last fault calls succeed again, in ms. */
  readonly recoveryMs: number;
  /** Whether callers may not notice any fault: no call fails, and none runs twice. */
  readonly isFlawless?: boolean;
  /** After how many steps the agents' stats are checked, which is expensive with many agents. */
  readonly inspectEvery?: number;
  /** Facts to report at the end, one per line, besides the rules. */
  measure?(world: World): readonly string[];
  /** Further checks while the world runs. */
  watch?(world: World): void;
  /** Sockets that are worse than ZeroMQ's. */
  spoil?(sockets: SimulatedSockets, timeline: Timeline): SocketPort;
}

export type Admission = Pick<
  FreelanceServerOptions,
  'maxConcurrency' | 'maxQueue' | 'maxQueueWait' | 'replayWindow'
>;

/** What all servers have in common. */
export interface ServerPlan {
  /** Mean time that a handler takes, in ms. */
  readonly serviceMs: number;
  /** How many handlers work at a time while the others wait; unbounded if not set. */
  readonly workers?: number;
  /** Bounds of a server; the defaults if not set. */
  readonly admission?: Admission;
  /** Which servers declare the handler at most once; none if not set. */
  readonly onceAt?: readonly string[];
  /** Whether they do not name its pattern, as with a handler that also answers to other patterns. */
  readonly isOnceUnnamed?: boolean;
}

export interface ClientPlan {
  readonly name: string;
  readonly options: Omit<FreelanceClientOptions, 'endpoints'>;
  /** Its servers; all if not set. */
  readonly targets?: readonly ServerTarget[] | undefined;
  readonly workload: Workload;
}
