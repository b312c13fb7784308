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

/** A kind of world: who is there, what they do, and what goes wrong. */
export interface Scenario {
  readonly name: string;
  /** One world of this kind. */
  plan(chance: Chance): Plan;
}

export interface Plan extends ServerPlan {
  readonly servers: readonly string[];
  readonly clients: readonly ClientPlan[];
  latency(from: string, to: string): Latency;
  /** Messages that a server keeps for a client that does not read. */
  readonly sendQueue: number;
  /** Until when clients call, and by when every fault is over, in ms. */
  readonly lastsMs: number;
  readonly faults: readonly Fault[];
  /** How long after the last fault calls succeed again, in ms. */
  readonly recoveryMs: number;
  /** Whether nothing goes wrong that a caller should see: no call fails, and none runs twice. */
  readonly isFlawless?: boolean;
  /** After how many steps the agents are asked for their stats, which costs much where there are many. */
  readonly inspectEvery?: number;
  /** What is worth telling of it in the end, besides the rules: a line for each fact. */
  measure?(world: World): readonly string[];
  /** What else is to be looked at while the world lasts. */
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
  /** How many handlers work at a time; the others wait. As many as there are if not told. */
  readonly workers?: number;
  /** What a server takes at a time; as it is by default where it is not told. */
  readonly admission?: Admission;
  /** At which servers the handler must not run twice for one call. At none if not told. */
  readonly onceAt?: readonly string[];
  /** Whether they do not name its pattern, as of a handler that answers to other patterns than its own. */
  readonly isOnceUnnamed?: boolean;
}

export interface ClientPlan {
  readonly name: string;
  /** Without the endpoints, which are those of all servers. */
  readonly options: Omit<FreelanceClientOptions, 'endpoints'>;
  readonly workload: Workload;
}
