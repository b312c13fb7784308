import { drawFaults, PAUSES } from '../faults/draw-faults.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Scenario } from './scenario.js';

/** Clients that stand still while much is said to them: more than a server keeps for one of them. */
export const overflow: Scenario = {
  name: 'overflow',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 3, servers: 2 });
    const plan = drawPlan(places, chance, { streams: 0.3 });
    const mischief = { kinds: PAUSES, everyMs: 500, longestMs: 2000, untilMs: plan.lastsMs };
    return { ...plan, sendQueue: 32, faults: drawFaults(mischief, places, chance) };
  },
};
