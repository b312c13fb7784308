import type { Chance } from '../time/chance.js';
import type { Fault } from '../faults/fault.js';
import { drawFaults, DARKNESS, DRAINS, PAUSES } from '../faults/draw-faults.js';
import { drawPlaces, drawPlan, names } from './draw-plan.js';
import type { Scenario } from './scenario.js';

const LASTS_MS = 20_000;

/** Under load, one server after another leaves and returns: no caller may notice. */
export const rolling: Scenario = {
  name: 'rolling',
  plan: (chance) => {
    const places = {
      clients: names('client', chance.whole(1, 4)),
      servers: names('server', chance.whole(2, 4)),
    };
    const plan = drawPlan(places, chance, {
      pauseMs: 100,
      broadcasts: 0,
      hedged: 0,
      hanging: 0,
      withDeadline: 0,
      idempotent: 0.5,
      requestTimeoutMs: 10_000,
      longestStream: 30,
    });
    const clients = plan.clients.map(({ options, ...client }) => ({
      ...client,
      options: {
        ...options,
        connectTimeout: 5000,
        maxPending: 10_000,
        maxPendingPerServer: Infinity,
      },
    }));
    const serviceMs = chance.magnitude(1, 80);
    return {
      ...plan,
      clients,
      serviceMs,
      // Every call that finds no place waits, so that a leaving server has a queue.
      admission: {
        maxConcurrency: serviceMs < 15 ? 10 : 1000,
        maxQueue: 1_000_000,
        maxQueueWait: Infinity,
      },
      lastsMs: LASTS_MS,
      faults: oneByOne(places.servers, chance),
      isFlawless: true,
    };
  },
};

/** Each server has time to return before the next one leaves. */
function oneByOne(servers: readonly string[], chance: Chance): Fault[] {
  const everyMs = chance.between(3000, 5000);
  const faults: Fault[] = [];
  for (let turn = 0; (turn + 1) * everyMs < LASTS_MS; turn++) {
    const host = servers[turn % servers.length] ?? '';
    const awayMs = everyMs * chance.between(0.5, 0.8);
    faults.push({ kind: 'drain', host, timeoutMs: awayMs, at: turn * everyMs + 500, for: awayMs });
  }
  return faults;
}

/** Servers leave all the time, while routes are dark, processes stand still, and handlers never end. */
export const departures: Scenario = {
  name: 'departures',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 3, servers: 3 });
    const plan = drawPlan(places, chance, { hanging: 0.01, requestTimeoutMs: 2000 });
    const kinds = [...DRAINS, ...DRAINS, ...DRAINS, ...DRAINS, ...DARKNESS, ...PAUSES] as const;
    const mischief = { kinds, everyMs: 400, longestMs: 5000, untilMs: plan.lastsMs };
    return { ...plan, faults: drawFaults(mischief, places, chance) };
  },
};
