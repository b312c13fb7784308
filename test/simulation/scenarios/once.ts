import { DARKNESS, DEATHS, drawFaults, EVERY_KIND, PAUSES } from '../faults/draw-faults.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Scenario } from './scenario.js';

/**
 * Handlers that must not run twice for one call, at all servers or at some, as during a deployment. Their callers allow
 * retries, hedge, and give up early, while processes die and freeze, and routes are dark.
 */
export const once: Scenario = {
  name: 'once',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 3, servers: 4 });
    const plan = drawPlan(places, chance, {
      idempotent: 0.9,
      hedged: chance.oneOf([0, 0.3, 0.8]),
      maxAttempts: 4,
      requestTimeoutMs: chance.magnitude(50, 1000),
    });
    const kinds = chance.oneOf([DEATHS, PAUSES, DARKNESS, EVERY_KIND]);
    const mischief = { kinds, everyMs: 500, longestMs: 3000, untilMs: plan.lastsMs };
    const isOnceUnnamed = chance.isTrue(0.3);
    const isEverywhere = isOnceUnnamed || chance.isTrue(0.3);
    return {
      ...plan,
      serviceMs: chance.magnitude(10, 200),
      onceAt: places.servers.filter(() => isEverywhere || chance.isTrue(0.5)),
      isOnceUnnamed,
      faults: drawFaults(mischief, places, chance),
    };
  },
};
