import type { World } from '../world/world.js';
import { names } from './draw-plan.js';
import { onlyCalls } from './only-calls.js';
import type { Plan, Scenario } from './scenario.js';

const CLIENTS = 100;
const DIES_AT_MS = 3000;
const DEAD_FOR_MS = 4000;

/** A thundering herd: this share of all clients connects to one server within this many ms. */
const AT_ONCE_MS = 10;
const MOST_AT_ONCE = CLIENTS / 3;

/** All servers die at the same time; their clients must not reconnect at the same time. */
export const herd: Scenario = {
  name: 'herd',
  plan: (): Plan => {
    const servers = names('server', 3);
    return {
      servers,
      clients: names('client', CLIENTS).map((name) => ({
        name,
        options: {},
        workload: RARE_CALLS,
      })),
      latency: () => ({ ms: 0.2, jitterMs: 0.2 }),
      sendQueue: 65_536,
      serviceMs: 2,
      lastsMs: DIES_AT_MS + DEAD_FOR_MS + 1000,
      faults: servers.map((host) => ({ kind: 'kill', host, at: DIES_AT_MS, for: DEAD_FOR_MS })),
      recoveryMs: 3000,
      watch: watchForHerds,
    };
  },
};

function watchForHerds(world: World): void {
  const latest = new Map<string, number[]>();
  world.whenConnecting = (server) => {
    const { now } = world.timeline;
    // Processes that start together may connect together.
    if (now < DIES_AT_MS) return;
    const times = (latest.get(server) ?? []).filter((at) => at > now - AT_ONCE_MS);
    times.push(now);
    latest.set(server, times);
    if (times.length <= MOST_AT_ONCE) return;
    const what = `${times.length} of ${CLIENTS} clients connect to ${server} within ${AT_ONCE_MS} ms`;
    world.verdict.broken('no herds', what);
  };
}

const RARE_CALLS = onlyCalls({ pauseMs: 500, requestTimeoutMs: 5000 });
