import { DARKNESS, drawFaults } from '../faults/draw-faults.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Scenario } from './scenario.js';

/**
 * Routes are dark for a moment: TCP delivers everything in the end, late and all at once, while clients have given up and
 * retried.
 */
export const blinks: Scenario = {
  name: 'blinks',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 2, servers: 2 });
    const plan = drawPlan(places, chance, {
      streams: 0.3,
      idempotent: 0.8,
      withDeadline: 0.4,
      maxAttempts: 4,
      requestTimeoutMs: chance.magnitude(100, 500),
    });
    const mischief = { kinds: DARKNESS, everyMs: 700, longestMs: 2500, untilMs: plan.lastsMs };
    return { ...plan, serviceMs: 5, faults: drawFaults(mischief, places, chance) };
  },
};
