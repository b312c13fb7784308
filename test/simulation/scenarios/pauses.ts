import { drawFaults, PAUSES, RESETS } from '../faults/draw-faults.js';
import type { Chance } from '../time/chance.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Plan, Scenario } from './scenario.js';

/**
 * Processes stand still, as for garbage collection, a debugger or a moving virtual machine. Others send them messages
 * meanwhile, or take them for dead.
 */
export const pauses: Scenario = { name: 'pauses', plan: drawPauses };

/** Connections are also reset: a process that stood still learns of it late, after what was sent before. */
export const resets: Scenario = {
  name: 'resets',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 3, servers: 3 });
    const plan = drawPlan(places, chance, { pauseMs: 100, broadcasts: 0.2 });
    const kinds = [...PAUSES, ...PAUSES, ...RESETS] as const;
    const mischief = { kinds, everyMs: 200, longestMs: 12_000, untilMs: plan.lastsMs };
    const serviceMs = chance.magnitude(50, 200);
    return { ...plan, serviceMs, faults: drawFaults(mischief, places, chance) };
  },
};

/**
 * Servers keep fewer messages for a client that does not read than are sent to it. Nobody can tell which ones are lost, but
 * the client must learn that some are.
 */
export const overflow: Scenario = {
  name: 'overflow',
  plan: (chance) => ({ ...drawPauses(chance), sendQueue: chance.whole(4, 64) }),
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
