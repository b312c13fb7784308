import type { World } from '../world/world.js';
import { names } from './draw-plan.js';
import { onlyCalls } from './only-calls.js';
import type { Scenario } from './scenario.js';

const VICTIM = 'server-1';
const BREAKS_AT_MS = 2000;
const BROKEN_FOR_MS = 6000;

/** Tolerated excess over its share of all calls, which may be chance. */
const MARGIN = 0.05;

/** The share of all calls that an ejected server got before it was ejected, and as trials. */
const MOST_WHILE_RESTING = 0.12;

/** One server fails all its calls at once, which can look fast and idle. */
export const broken: Scenario = {
  name: 'broken',
  plan: (chance) => {
    const servers = names('server', chance.whole(2, 4));
    const isBlamed = chance.isTrue(0.5);
    return {
      servers,
      clients: names('client', chance.whole(1, 3)).map((name) => ({
        name,
        // Its errors are either answers, or failures that eject it.
        options: { isFailure: () => isBlamed },
        workload: { ...onlyCalls({ pauseMs: 20, requestTimeoutMs: 5000 }), burst: 20 },
      })),
      latency: () => ({ ms: 0.2, jitterMs: 0.2 }),
      sendQueue: 65_536,
      serviceMs: chance.magnitude(5, 50),
      lastsMs: BREAKS_AT_MS + BROKEN_FOR_MS,
      faults: [{ kind: 'broken', host: VICTIM, at: BREAKS_AT_MS, for: BROKEN_FOR_MS }],
      recoveryMs: 5000,
      watch: (world) => {
        const most = isBlamed ? MOST_WHILE_RESTING : 1 / servers.length + MARGIN;
        world.timeline.at(BREAKS_AT_MS + BROKEN_FOR_MS, () => countCalls(world, most));
      },
    };
  },
};

function countCalls({ ledger, verdict }: World, most: number): void {
  const meanwhile = ledger.entries.filter(({ startedAt }) => startedAt > BREAKS_AT_MS);
  const executions = meanwhile.flatMap((entry) => entry.executions);
  const { length } = executions.filter(({ server }) => server.host === VICTIM);
  const share = length / executions.length;
  if (share <= most) return;
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  const what = `${VICTIM}, which fails all its calls, has had ${percent(share)} of them`;
  verdict.broken('fair share', `${what}, more than ${percent(most)}`);
}
