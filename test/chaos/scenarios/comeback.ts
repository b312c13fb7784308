import { setTimeout as delay } from 'node:timers/promises';
import { connectTo } from '../fleet/clients.js';
import { atMost, none } from '../judge/finding.js';
import { SteadyLoad } from '../load/load.js';
import { oneOf, type Scenario } from './scenario.js';

/** How long the server is away, in ms: within the minute in which a lost server is probed often. */
const FULL = [5000, 20_000, 40_000];
const SHORT = [1000];

/** A heartbeat interval, within which it is probed at least once, plus half of one for its handshake and a call. */
const BACK_AFTER_MS = 1500;

/** A server dies and returns after a while, like a container that is restarted with a back-off. */
export const comebacks: Scenario = {
  name: 'comeback',
  fault: 'one server of three away for 5, 20, 40 s',
  async run({ fleet, isShort, random, progress }) {
    using client = await connectTo(fleet.endpoints);
    using load = new SteadyLoad(client);
    const { meter } = load;
    await Promise.all(fleet.hosts.map(({ serverId }) => meter.answeredBy(serverId)));
    const findings = [];
    for (const awayMs of isShort ? SHORT : FULL) {
      const victim = oneOf(fleet.hosts, random);
      await victim.kill();
      await delay(awayMs);
      await victim.start();
      const listensAt = performance.now();
      const { endedAt } = await meter.answeredBy(victim.serverId);
      const what = `away for ${awayMs / 1000} s: used again after it listens`;
      findings.push(atMost(what, BACK_AFTER_MS, endedAt - listensAt, 'ms'));
      progress(`away for ${awayMs / 1000} s: ${(endedAt - listensAt).toFixed()} ms`);
    }
    await load.end();
    return [none('failed calls', meter.failed, meter.started), ...findings];
  },
};
