import { DEATHS, drawFaults } from '../faults/draw-faults.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Scenario } from './scenario.js';

/** Processes die and return all the time, with much in flight. */
export const deaths: Scenario = {
  name: 'deaths',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 4, servers: 4 });
    const plan = drawPlan(places, chance, { pauseMs: 100, requestTimeoutMs: 5000 });
    const mischief = { kinds: DEATHS, everyMs: 500, longestMs: 3000, untilMs: plan.lastsMs };
    return {
      ...plan,
      serviceMs: chance.magnitude(10, 100),
      faults: drawFaults(mischief, places, chance),
    };
  },
};
