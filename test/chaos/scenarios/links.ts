import { setTimeout as delay } from 'node:timers/promises';
import { Link } from '../faults/link.js';
import { clear, dark, deaf, lossy, mute, slow } from '../faults/weather.js';
import { connectTo } from '../fleet/fleet.js';
import { atMost, type Finding, none } from '../judge/finding.js';
import { most } from '../judge/statistics.js';
import { SteadyLoad } from '../load/load.js';
import { waitsIn } from '../load/waits.js';
import type { Scenario, Stage } from './scenario.js';

/** The defaults of the library; and what a short form has time for. */
const FULL = { rounds: 3, heartbeatInterval: 1000, heartbeatTimeout: 3000 };
const SHORT = { rounds: 1, heartbeatInterval: 300, heartbeatTimeout: 900 };

type Fault = (link: Link, random: () => number) => void;

/** @param strike what happens to the link of one server, until that is well again */
function faultOfLink(name: string, fault: string, strike: Fault): Scenario {
  return { name, fault, run: (stage) => breakLink(stage, strike) };
}

export const LINKS: readonly Scenario[] = [
  faultOfLink('dark', 'link to one of three: packets dropped, no FIN', (link) => link.become(dark)),
  faultOfLink('slow', 'link to one of three: slow, 500 ms each way', (link) => {
    link.become(slow(500));
  }),
  faultOfLink('lossy', 'link to one of three: 5 % of segments lost', (link, random) => {
    link.become(lossy(0.05, random));
  }),
  faultOfLink('deaf', 'link to one of three: nothing comes back', (link) => link.become(deaf)),
  faultOfLink('mute', 'link to one of three: nothing gets there', (link) => link.become(mute)),
  faultOfLink('vanished', 'link to one of three: connections gone, no FIN', (link) => {
    link.vanish();
  }),
];

async function breakLink(
  { fleet, isShort, random, progress }: Stage,
  strike: Fault,
): Promise<Finding[]> {
  const { rounds, heartbeatInterval, heartbeatTimeout } = isShort ? SHORT : FULL;
  const [victim, ...others] = fleet.hosts;
  await using link = await Link.to(victim.port);
  const endpoints = [link.endpoint, ...others.map(({ endpoint }) => endpoint)];
  using client = connectTo(endpoints, { heartbeatInterval, heartbeatTimeout });
  await client.connect();
  await using load = new SteadyLoad(client);
  const { meter } = load;
  const isUsed = () => meter.answeredBy(victim.serverId);
  await Promise.all(fleet.hosts.map(({ serverId }) => meter.answeredBy(serverId)));
  const waits: number[] = [];
  const returns: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    using recording = meter.record();
    strike(link, random);
    await delay(heartbeatTimeout + 2 * heartbeatInterval);
    const clearedAt = performance.now();
    link.become(clear);
    returns.push((await isUsed()).endedAt - clearedAt);
    waits.push(most(waitsIn(recording)));
    progress(`round ${round} of ${rounds}: ${waits.at(-1)?.toFixed()} ms`);
  }
  await load.end();
  return [
    none('failed calls', meter.failed, meter.started),
    atMost('worst wait', heartbeatTimeout + heartbeatInterval, most(waits), 'ms'),
    atMost('server answers again after', 2 * heartbeatInterval, most(returns), 'ms'),
  ];
}
