import { drawPlaces, drawPlan } from './draw-plan.js';
import { onlyCalls } from './only-calls.js';
import type { Scenario } from './scenario.js';

/** Calls with one answer each and no faults: measures the speed of the simulation. */
export const plain: Scenario = {
  name: 'plain',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 4, servers: 5 });
    const calls = onlyCalls({ pauseMs: 10, requestTimeoutMs: 5000 });
    return drawPlan(places, chance, { ...calls, burst: 10 });
  },
};
