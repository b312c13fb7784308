import { drawFaults, PAUSES } from '../faults/draw-faults.js';
import type { Chance } from '../time/chance.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Plan, Scenario } from './scenario.js';

/**
 * Processes that stand still: garbage is collected, a debugger waits, a virtual machine moves. Much is said
 * to them meanwhile, by some who take them for dead.
 */
export const pauses: Scenario = { name: 'pauses', plan: drawPauses };

/**
 * The same, and servers keep less for a client that does not read than is said to it. Breaks the rule that
 * calls end: a server stops what runs for such a client and does not say so, and a stream without a deadline
 * waits for ever. Not in the suite until that is decided.
 */
export const overflow: Scenario = {
  name: 'overflow',
  plan: (chance) => ({ ...drawPauses(chance), sendQueue: 32 }),
};

function drawPauses(chance: Chance): Plan {
  const places = drawPlaces(chance, { clients: 3, servers: 2 });
  const plan = drawPlan(places, chance, { streams: 0.3 });
  const mischief = { kinds: PAUSES, everyMs: 300, longestMs: 2000, untilMs: plan.lastsMs };
  const clients = plan.clients.map(({ options, ...client }) => ({
    ...client,
    options: { ...options, heartbeatInterval: 50, heartbeatTimeout: 200 },
  }));
  const serviceMs = chance.magnitude(5, 200);
  return { ...plan, clients, serviceMs, faults: drawFaults(mischief, places, chance) };
}
