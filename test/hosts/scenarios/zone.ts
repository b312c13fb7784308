import { setTimeout as delay } from 'node:timers/promises';
import { atMost, fact, type Finding } from '../../chaos/judge/finding.js';
import { most } from '../../chaos/judge/statistics.js';
import type { RemoteClient } from '../fleet/remote-client.js';
import { judgeCalls } from './judge-calls.js';
import { ORDERS, ordersAt } from './orders.js';
import type { Scenario } from './scenario.js';

/** Longer than `heartbeatTimeout`, in ms. */
const LOST_MS = 5000;

/** For how long calls are looked at while nothing is wrong, in ms. */
const CALM_MS = 1000;

/** A returned server's share of the calls grows over 10 s, and so does what its zone can take. */
const GROWN_MS = 11_000;

const WORST_WAIT_MS = 2300;
const RETURN_MS = 2000;

/** The switch of the client's own zone loses its power: nothing goes in or out. The records stay. */
export const zoneLost: Scenario = {
  name: 'zone-lost',
  fault: "by DNS: the client's own zone, two servers of four, is lost, and comes back",
  async run(fleet) {
    const everywhere = ordersAt(fleet, ['a1', 'a2', 'b1', 'b2']);
    await using names = await fleet.nameServer('dns1', everywhere);
    const options = { zone: 'a' };
    await using client = await fleet.client({ servers: ORDERS, names: [names], options });
    const lost = [fleet.servers.a1.serverId, fleet.servers.a2.serverId];
    await client.answeredBy(...lost);
    const before = await zonesIn(client, CALM_MS);
    await client.mark();
    let duringMs: number;
    {
      await using _ = await fleet.network.isolate('a1', 'a2');
      await delay(LOST_MS);
      duringMs = (await client.report()).loads[0].since.worstMs;
    }
    const clearedAt = await client.mark();
    const { servers } = (await client.answeredBy(...lost)).loads[0].since;
    const usedAfter = lost.map((id) => (servers[id]?.firstAnsweredAt ?? NaN) - clearedAt);
    await delay(GROWN_MS);
    const afterwards = await zonesIn(client, CALM_MS);
    return [
      ...(await judgeCalls(fleet, client)),
      fact('zones that get calls, before', 'a', before, before === 'a'),
      atMost('worst wait', WORST_WAIT_MS, duringMs, 'ms'),
      atMost('both used again after', RETURN_MS, most(usedAfter), 'ms'),
      fact('zones that get calls, afterwards', 'a', afterwards, afterwards === 'a'),
    ] satisfies Finding[];
  },
};

/** The zones of the servers that answer what is called from now on. */
async function zonesIn(client: RemoteClient, ms: number): Promise<string> {
  await client.mark();
  await delay(ms);
  const { servers } = (await client.report()).loads[0].since;
  return [...new Set(Object.keys(servers).map((id) => id.slice(0, 1)))].toSorted().join(', ');
}
