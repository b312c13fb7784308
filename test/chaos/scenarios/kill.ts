import { setTimeout as delay } from 'node:timers/promises';
import { connectTo } from '../fleet/clients.js';
import { atMost, none } from '../judge/finding.js';
import { median, most } from '../judge/statistics.js';
import { SteadyLoad } from '../load/load.js';
import { waitsIn } from '../load/waits.js';
import { oneOf, type Scenario } from './scenario.js';

/** How long before and after a kill answers are compared, in ms. */
const FULL = { rounds: 20, lookMs: 1000 };
const SHORT = { rounds: 2, lookMs: 300 };

/** A server process is killed with all its calls. */
export const kills: Scenario = {
  name: 'kill',
  fault: 'SIGKILL of one server of three',
  async run({ fleet, isShort, random, progress }) {
    const { rounds, lookMs } = isShort ? SHORT : FULL;
    using client = await connectTo(fleet.endpoints);
    using load = new SteadyLoad(client);
    const { meter } = load;
    const extraWaits: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const usual = median(await waitsWithin(lookMs));
      const victim = oneOf(fleet.hosts, random);
      const after = waitsWithin(lookMs);
      await victim.kill();
      extraWaits.push(most(await after) - usual);
      await victim.start();
      await meter.answeredBy(victim.serverId);
      progress(`kill ${round} of ${rounds}: ${extraWaits.at(-1)?.toFixed(1)} ms`);
    }
    await load.end();
    return [
      none('failed calls', meter.failed, meter.started),
      atMost('worst extra wait, median kill', 100, median(extraWaits), 'ms'),
      atMost('worst extra wait, worst kill', 250, most(extraWaits), 'ms'),
    ];

    async function waitsWithin(ms: number): Promise<number[]> {
      using recording = meter.record();
      await delay(ms);
      return waitsIn(recording);
    }
  },
};
