import { block, freeze, type ProcessFault } from '../faults/process-faults.js';
import { connectTo } from '../fleet/clients.js';
import { atMost, type Finding, none } from '../judge/finding.js';
import { most } from '../judge/statistics.js';
import { SteadyLoad } from '../load/load.js';
import { waitsIn } from '../load/waits.js';
import { oneOf, type Scenario, type Stage } from './scenario.js';

/** The defaults of the library, and shorter times for a short form. */
const FULL = { rounds: 4, heartbeatInterval: 1000, heartbeatTimeout: 3000 };
const SHORT = { rounds: 1, heartbeatInterval: 200, heartbeatTimeout: 600 };

export const freezes: Scenario = {
  name: 'freeze',
  fault: 'SIGSTOP of one server of three',
  run: (stage) => hang(stage, freeze),
};

export const blocks: Scenario = {
  name: 'block',
  fault: 'event loop of one server of three blocked',
  run: (stage) => hang(stage, block),
};

/** A server hangs for longer than `heartbeatTimeout`, then continues. */
async function hang(
  { fleet, isShort, random, progress }: Stage,
  fault: ProcessFault,
): Promise<Finding[]> {
  const { rounds, heartbeatInterval, heartbeatTimeout } = isShort ? SHORT : FULL;
  using client = await connectTo(fleet.endpoints, { heartbeatInterval, heartbeatTimeout });
  using load = new SteadyLoad(client);
  const { meter } = load;
  await Promise.all(fleet.hosts.map(({ serverId }) => meter.answeredBy(serverId)));
  const waits: number[] = [];
  const returns: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const victim = oneOf(fleet.hosts, random);
    using recording = meter.record();
    await fault(victim, heartbeatTimeout + 2 * heartbeatInterval);
    const recoveredAt = performance.now();
    const { endedAt } = await meter.answeredBy(victim.serverId);
    returns.push(endedAt - recoveredAt);
    waits.push(most(waitsIn(recording)));
    progress(`round ${round} of ${rounds}: ${waits.at(-1)?.toFixed()} ms`);
  }
  await load.end();
  return [
    none('failed calls', meter.failed, meter.started),
    // Silence is detected after one to two intervals; then the calls are at other servers, too.
    atMost('worst wait', 2 * heartbeatInterval + 300, most(waits), 'ms'),
    atMost('recovered server answers again after', 2 * heartbeatInterval, most(returns), 'ms'),
  ];
}
