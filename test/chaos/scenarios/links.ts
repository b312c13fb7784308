import { Link } from '../faults/link.js';
import { LINK_FAULTS, type LinkFault } from '../faults/link-faults.js';
import { connectTo } from '../fleet/clients.js';
import { atMost, type Finding, none } from '../judge/finding.js';
import { most } from '../judge/statistics.js';
import { SteadyLoad } from '../load/load.js';
import { waitsIn } from '../load/waits.js';
import type { Scenario, Stage } from './scenario.js';

/** The defaults of the library, and shorter times for a short form. */
const FULL = { rounds: 3, heartbeatInterval: 1000, heartbeatTimeout: 3000 };
const SHORT = { rounds: 1, heartbeatInterval: 200, heartbeatTimeout: 600 };

const LABELS: Record<keyof typeof LINK_FAULTS, string> = {
  dark: 'packets dropped, no FIN',
  slow: 'slow, 500 ms each way',
  lossy: '5 % of segments lost',
  deaf: 'half-open, nothing comes back',
  mute: 'half-open, nothing gets there',
  vanished: 'half-open, connections gone without FIN',
};

export const LINKS: readonly Scenario[] = Object.entries(LINK_FAULTS).map(([name, fault]) => ({
  name,
  fault: `link to one server of three: ${LABELS[name as keyof typeof LINK_FAULTS]}`,
  run: (stage) => breakLink(stage, fault),
}));

async function breakLink(
  { fleet, isShort, random, progress }: Stage,
  fault: LinkFault,
): Promise<Finding[]> {
  const { rounds, heartbeatInterval, heartbeatTimeout } = isShort ? SHORT : FULL;
  const [victim, ...others] = fleet.hosts;
  await using link = await Link.to(victim.port);
  const endpoints = [link.endpoint, ...others.map(({ endpoint }) => endpoint)];
  using client = await connectTo(endpoints, { heartbeatInterval, heartbeatTimeout });
  using load = new SteadyLoad(client);
  const { meter } = load;
  const isUsed = () => meter.answeredBy(victim.serverId);
  await Promise.all(fleet.hosts.map(({ serverId }) => meter.answeredBy(serverId)));
  const waits: number[] = [];
  const returns: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    using recording = meter.record();
    await fault(link, heartbeatTimeout + 2 * heartbeatInterval, random);
    const clearedAt = performance.now();
    returns.push((await isUsed()).endedAt - clearedAt);
    waits.push(most(waitsIn(recording)));
    progress(`round ${round} of ${rounds}: ${waits.at(-1)?.toFixed()} ms`);
  }
  await load.end();
  return [
    none('failed calls', meter.failed, meter.started),
    // Silence is detected after one to two intervals; then the calls are at other servers, too.
    atMost('worst wait', 2 * heartbeatInterval + 300, most(waits), 'ms'),
    atMost('server answers again after', 2 * heartbeatInterval, most(returns), 'ms'),
  ];
}
