import type { BalancerName } from '../../../lib/nest/options/client-options.js';
import type { Chance } from '../time/chance.js';
import { LONG_STREAM, type Workload } from '../workload/ask.js';
import type { Places } from '../faults/draw-faults.js';
import type { Admission, ClientPlan, Plan } from './scenario.js';

/** What the scenarios of a few hosts share: a world in which nothing goes wrong. */
export function drawPlan(
  { clients, servers }: Places,
  chance: Chance,
  workload: Partial<Workload> = {},
): Plan {
  const farMs = chance.magnitude(0.1, 50);
  const jitterMs = chance.magnitude(0.01, farMs);
  const latencies = chance.fork();
  return {
    servers,
    clients: clients.map((name) => drawClient(name, chance, workload)),
    latency: () => ({ ms: latencies.between(0.05, farMs), jitterMs }),
    sendQueue: 65_536,
    serviceMs: chance.magnitude(1, 30),
    admission: drawAdmission(chance),
    lastsMs: 20_000,
    faults: [],
    recoveryMs: 8000,
  };
}

export function drawPlaces(chance: Chance, most: { clients: number; servers: number }): Places {
  return {
    clients: names('client', chance.whole(1, most.clients)),
    servers: names('server', chance.whole(1, most.servers)),
  };
}

export function names(what: string, count: number): [string, ...string[]] {
  const others = Array.from({ length: count - 1 }, (_, i) => `${what}-${i + 2}`);
  return [`${what}-1`, ...others];
}

/** The default bounds, or so small ones that much is refused. */
function drawAdmission(chance: Chance): Admission {
  if (chance.isTrue(0.5)) return {};
  return {
    maxConcurrency: chance.whole(1, 20),
    maxQueue: chance.oneOf([0, 5, 100]),
    maxQueueWait: chance.oneOf([1, 20, 100, Infinity]),
    replayWindow: chance.oneOf([0, 5000]),
  };
}

const BALANCERS: readonly [BalancerName, ...BalancerName[]] = [
  'p2c',
  'round-robin',
  'lowest-latency',
];

function drawClient(name: string, chance: Chance, workload: Partial<Workload>): ClientPlan {
  return {
    name,
    options: {
      ...(chance.isTrue(0.5) && { heartbeatInterval: chance.whole(100, 1500) }),
      balancer: chance.oneOf(BALANCERS),
      connectTimeout: chance.whole(500, 5000),
      maxFailures: chance.whole(1, 4),
      maxPending: chance.oneOf([16, 64, 10_000]),
      maxPendingPerServer: chance.oneOf([2, 16, Infinity, Infinity]),
      retryBudget: chance.oneOf([
        {},
        {},
        { minPerSecond: Infinity },
        { ratio: 0, minPerSecond: 0 },
        { ratio: 0.05, minPerSecond: 0.5 },
      ]),
    },
    workload: { ...drawWorkload(chance), ...workload },
  };
}

function drawWorkload(chance: Chance): Workload {
  return {
    pauseMs: chance.magnitude(20, 500),
    burst: chance.oneOf([1, 10, 30]),
    streams: 0.06,
    events: 0.1,
    broadcasts: 0.03,
    idempotent: 0.6,
    failing: 0.03,
    hanging: chance.oneOf([0, 0, 0.002]),
    hedged: chance.oneOf([0, 0.05, 0.3]),
    keyed: 0.1,
    cancelled: 0.08,
    withDeadline: 0.15,
    meddling: 0.03,
    maxAttempts: chance.whole(1, 4),
    insistent: 0.1,
    longestStream: LONG_STREAM,
    requestTimeoutMs: chance.magnitude(300, 5000),
  };
}
