import { names } from './draw-plan.js';
import { onlyCalls } from './only-calls.js';
import type { Scenario } from './scenario.js';

const ZONES = 4;

/** A large system in which the servers of one of four zones die and return. */
export const zone: Scenario = {
  name: 'zone',
  plan: () => {
    const servers = names('server', 200);
    const dead = servers.filter((_, place) => place % ZONES === 0);
    return {
      servers,
      clients: names('client', 1000).map((name) => ({ name, options: {}, workload: STEADY })),
      latency: () => ({ ms: 0.3, jitterMs: 0.3 }),
      sendQueue: 65_536,
      serviceMs: 5,
      lastsMs: 10_000,
      faults: dead.map((host) => ({ kind: 'kill', host, at: 4000, for: 3000 })),
      recoveryMs: 3000,
      inspectEvery: 1000,
    };
  },
};

const STEADY = onlyCalls({ pauseMs: 100, requestTimeoutMs: 1000 });
