import type { World } from '../world/world.js';
import { names } from './draw-plan.js';
import { onlyCalls } from './only-calls.js';
import type { Scenario } from './scenario.js';

const SLOW_FROM_MS = 5000;
const SLOW_FOR_MS = 5000;

/**
 * Servers with few workers, nearly all of them busy, whose handlers take three times as long for a while. What callers
 * retry is more work for overloaded servers.
 */
export const storm: Scenario = {
  name: 'storm',
  plan: () => {
    const servers = names('server', 4);
    return {
      servers,
      clients: names('client', 16).map((name) => ({
        name,
        options: { connectTimeout: 1000 },
        workload: IMPATIENT,
      })),
      latency: () => ({ ms: 0.3, jitterMs: 0.3 }),
      sendQueue: 65_536,
      serviceMs: 20,
      workers: 8,
      admission: UNBOUNDED,
      lastsMs: 20_000,
      faults: servers.map((host) => ({
        kind: 'overload',
        host,
        times: 3,
        at: SLOW_FROM_MS,
        for: SLOW_FOR_MS,
      })),
      recoveryMs: 3000,
      measure,
    };
  },
};

/** Per second: how many calls were made and succeeded, and how much work each one caused. */
function measure({ ledger, timeline }: World): string[] {
  const seconds = Array.from({ length: Math.ceil(timeline.now / 1000) }, () => ({ ...IDLE }));
  const secondOf = (moment: number) => seconds[Math.floor(moment / 1000)] ?? { ...IDLE };
  for (const { startedAt, endedAt, end, executions } of ledger.entries) {
    secondOf(startedAt).asked++;
    if (end === 'complete') secondOf(endedAt).succeeded++;
    for (const execution of executions) secondOf(execution.startedAt).runs++;
  }
  return seconds.map(
    ({ asked, succeeded, runs }, second) =>
      `second ${second}: ${asked} calls, ${succeeded} answers, ${runs} runs`,
  );
}

const IDLE = { asked: 0, succeeded: 0, runs: 0 };

/** Calls wait for a worker: no server refuses any. */
const UNBOUNDED = { maxConcurrency: 1_000_000 };

const IMPATIENT = onlyCalls({ pauseMs: 12, requestTimeoutMs: 200 });
