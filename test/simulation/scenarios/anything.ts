import { drawFaults, EVERY_KIND } from '../faults/draw-faults.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Scenario } from './scenario.js';

const FEW = { clients: 4, servers: 5 };

/** A few clients and servers, and every fault there is: the default. */
export const anything: Scenario = {
  name: 'anything',
  plan: (chance) => {
    const places = drawPlaces(chance, FEW);
    const plan = drawPlan(places, chance);
    const everyMs = chance.magnitude(300, 10_000);
    const mischief = { kinds: EVERY_KIND, everyMs, longestMs: 12_000, untilMs: plan.lastsMs };
    return { ...plan, faults: drawFaults(mischief, places, chance) };
  },
};

/** The same without faults: for the speed of the agents, and to show that they behave when all is well. */
export const quiet: Scenario = {
  name: 'quiet',
  plan: (chance) => drawPlan(drawPlaces(chance, FEW), chance),
};
