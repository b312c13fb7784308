import type { Fault } from '../faults/fault.js';
import type { Chance } from '../time/chance.js';
import type { World } from '../world/world.js';
import { names } from './draw-plan.js';
import { onlyCalls } from './only-calls.js';
import type { Scenario } from './scenario.js';

const DIE_AT_MS = 300;
const LASTS_MS = 3000;
const PATIENCE_MS = 25_000;

/** How often the waiting calls are checked, in ms. */
const LOOK_EVERY_MS = 250;

/**
 * All servers restart while many calls wait for them. None of those is refused that has time left, even though the first
 * server to return has few places.
 */
export const comeback: Scenario = {
  name: 'comeback',
  plan: (chance) => {
    const servers = names('server', chance.whole(1, 4));
    const faults = servers.map((host) => drawRestart(host, chance));
    const backAt = Math.min(...faults.map((fault) => fault.at + fault.for));
    return {
      servers,
      clients: names('client', chance.whole(1, 3)).map((name) => ({
        name,
        options: { connectTimeout: PATIENCE_MS },
        workload: { ...onlyCalls({ pauseMs: 10, requestTimeoutMs: 20_000 }), burst: 20 },
      })),
      latency: () => ({ ms: 0.2, jitterMs: 0.2 }),
      sendQueue: 65_536,
      serviceMs: chance.magnitude(1, 20),
      admission: {
        maxConcurrency: chance.whole(8, 50),
        maxQueue: chance.oneOf([0, 5, 100]),
        maxQueueWait: chance.oneOf([1, 20, 100]),
      },
      lastsMs: LASTS_MS,
      faults,
      recoveryMs: 8000,
      watch: (world) => watchThoseThatWait(world, backAt),
    };
  },
};

/** The servers do not return all at once. */
function drawRestart(host: string, chance: Chance): Fault {
  const backAt = LASTS_MS - chance.between(0, 1000);
  return { kind: 'kill', host, at: DIE_AT_MS, for: backAt - DIE_AT_MS };
}

function watchThoseThatWait(world: World, backAt: number): void {
  const { timeline, ledger, verdict } = world;
  const look = () => {
    const turnedAway = ledger.entries.find(
      ({ end, startedAt, endedAt }) =>
        end === 'OVERLOADED' &&
        startedAt > DIE_AT_MS &&
        startedAt < backAt &&
        endedAt < startedAt + PATIENCE_MS,
    );
    if (turnedAway) {
      const ms = (turnedAway.endedAt - turnedAway.startedAt).toFixed();
      const what = `${turnedAway.name} waited for servers to return, and was turned away after ${ms} ms`;
      verdict.broken('keeps waiting', what);
    } else {
      timeline.in(LOOK_EVERY_MS, look);
    }
  };
  timeline.at(backAt, look);
}
