import { drawFaults } from '../faults/draw-faults.js';
import type { FreelanceClientOptions } from '../../../lib/nest/options/client-options.js';
import type { Chance } from '../time/chance.js';
import type { Workload } from '../workload/ask.js';
import type { ClientPlan, Plan, Scenario } from './scenario.js';

const LASTS_MS = 20_000;

/** A few clients and servers, and everything that can go wrong: the default. */
export const anything: Scenario = {
  name: 'anything',
  plan: (chance) => {
    const places = drawPlaces(chance);
    const everyMs = chance.magnitude(300, 10_000);
    return {
      ...quietPlan(places, chance),
      faults: drawFaults({ everyMs, untilMs: LASTS_MS, longestMs: 12_000 }, places, chance),
    };
  },
};

/** The same without faults: how fast the agents are, and that they do nothing odd when all is well. */
export const quiet: Scenario = {
  name: 'quiet',
  plan: (chance) => quietPlan(drawPlaces(chance), chance),
};

function drawPlaces(chance: Chance) {
  return {
    clients: names('client', chance.whole(1, 4)),
    servers: names('server', chance.whole(1, 5)),
  };
}

export function names(what: string, count: number): [string, ...string[]] {
  const others = Array.from({ length: count - 1 }, (_, i) => `${what}-${i + 2}`);
  return [`${what}-1`, ...others];
}

function quietPlan(
  { clients, servers }: { clients: readonly string[]; servers: readonly string[] },
  chance: Chance,
): Plan {
  const farMs = chance.magnitude(0.1, 50);
  const jitterMs = chance.magnitude(0.01, farMs);
  const serviceMs = chance.magnitude(1, 30);
  const latencies = chance.fork();
  return {
    servers,
    clients: clients.map((name) => drawClient(name, chance)),
    latency: () => ({ ms: latencies.between(0.05, farMs), jitterMs }),
    sendQueue: 65_536,
    serviceMs,
    lastsMs: LASTS_MS,
    faults: [],
    recoveryMs: 8000,
  };
}

function drawClient(name: string, chance: Chance): ClientPlan {
  const options: ClientPlan['options'] = {
    ...(chance.isTrue(0.5) && { heartbeatInterval: chance.whole(100, 1500) }),
    balancer: chance.oneOf<NonNullable<FreelanceClientOptions['balancer']>>([
      'p2c',
      'round-robin',
      'lowest-latency',
    ]),
    connectTimeout: chance.whole(500, 5000),
    maxFailures: chance.whole(1, 4),
    maxPending: chance.oneOf([16, 64, 10_000]),
  };
  return { name, options, workload: drawWorkload(chance) };
}

function drawWorkload(chance: Chance): Workload {
  return {
    pauseMs: chance.magnitude(20, 500),
    burst: chance.oneOf([1, 10, 30]),
    streams: 0.06,
    events: 0.1,
    idempotent: 0.6,
    failing: 0.03,
    cancelled: 0.08,
    withDeadline: 0.15,
    maxAttempts: chance.whole(1, 4),
    requestTimeoutMs: chance.magnitude(300, 5000),
  };
}
