import type { Fault } from '../faults/fault.js';
import type { Chance } from '../time/chance.js';
import { drawPlaces, drawPlan } from './draw-plan.js';
import type { Scenario } from './scenario.js';

/** Longer than a server remembers a silent client, 10 s, and shorter than ZeroMQ keeps its connection. */
const SHORTEST_MS = 10_200;
const LONGEST_MS = 14_000;

/**
 * Clients with nothing open but streams stand still for longer than servers remember them. Their handlers were stopped,
 * which only the server knows. When the clients continue, they must be told.
 */
export const standstill: Scenario = {
  name: 'standstill',
  plan: (chance) => {
    const places = drawPlaces(chance, { clients: 3, servers: 2 });
    const plan = drawPlan(places, chance, {
      streams: 1,
      burst: 10,
      pauseMs: chance.magnitude(20, 200),
      hedged: 0,
      withDeadline: 0,
      cancelled: 0.05,
    });
    const faults = places.clients.flatMap((client) => drawStandstills(client, chance));
    return { ...plan, serviceMs: chance.magnitude(1, 100), lastsMs: 40_000, faults };
  },
};

function drawStandstills(client: string, chance: Chance): Fault[] {
  const faults: Fault[] = [];
  for (let at = chance.between(500, 4000); at + LONGEST_MS < 40_000;) {
    const ms = chance.between(SHORTEST_MS, LONGEST_MS);
    faults.push({ kind: 'stop', host: client, at, for: ms });
    at += ms + chance.between(500, 4000);
  }
  return faults;
}
