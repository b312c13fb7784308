import { CHANGES, DARKNESS, drawFaults, EVERY_KIND } from '../faults/draw-faults.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Scenario } from './scenario.js';

/** Users who call, cancel, close and change the endpoints from within callbacks. */
export const meddlers: Scenario = {
  name: 'meddlers',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 3, servers: 3 });
    const plan = drawPlan(places, chance, {
      meddling: 0.3,
      requestTimeoutMs: chance.magnitude(30, 300),
    });
    const kinds = [...CHANGES, ...CHANGES, ...CHANGES, ...DARKNESS, ...EVERY_KIND] as const;
    const mischief = { kinds, everyMs: 150, longestMs: 2000, untilMs: plan.lastsMs };
    // Fast heartbeats cause many callbacks.
    const clients = plan.clients.map(({ options, ...client }) => ({
      ...client,
      options: { ...options, heartbeatInterval: 50, heartbeatTimeout: 200 },
    }));
    return { ...plan, clients, serviceMs: 20, faults: drawFaults(mischief, places, chance) };
  },
};
