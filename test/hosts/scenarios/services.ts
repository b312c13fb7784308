import { setTimeout as delay } from 'node:timers/promises';
import { atMost, type Finding, none } from '../../chaos/judge/finding.js';
import { most } from '../../chaos/judge/statistics.js';
import type { Fleet, ServerName } from '../fleet/fleet.js';
import { type Records, TTL_S } from '../fleet/name-server.js';
import { PORT } from '../fleet/remote-server.js';
import { judgeCalls } from './judge-calls.js';
import { publish } from './orders.js';
import type { Scenario } from './scenario.js';

/** As RFC 2782 makes such names. */
const SERVICE = '_freelance._tcp.orders.test';

/**
 * Within one TTL; but dnsmasq reads SRV records when it starts only, and a question that comes meanwhile fails: it is asked again
 * after 1 to 2 s.
 */
const BAR_MS = TTL_S * 1000 + 2500;

/** For how long calls are looked at while nothing is wrong, in ms. */
const CALM_MS = 1000;

/** Longer than `heartbeatTimeout`, in ms. */
const LOST_MS = 4000;

const WORST_WAIT_MS = 2300;
const RETURN_MS = 2000;

/** SRV records name hosts, and those have A or AAAA records. */
export const serviceRecords: Scenario = {
  name: 'srv',
  fault: `by SRV records, TTL ${TTL_S} s: a server is added under load`,
  async run(fleet) {
    await using names = await fleet.nameServer('dns1', servicesAt(fleet, ['a1', 'b2']));
    await using client = await fleet.client({ servers: { srv: SERVICE }, names: [names] });
    const { a1, b1, b2 } = fleet.servers;
    await client.answeredBy(a1.serverId, b2.serverId);
    await client.mark();
    const changedAt = await publish(names, servicesAt(fleet, ['a1', 'b1', 'b2']));
    const { servers } = (await client.answeredBy(b1.serverId)).loads[0].since;
    const usedAt = servers[b1.serverId]?.firstAnsweredAt ?? NaN;
    return [
      ...(await judgeCalls(fleet, client)),
      atMost('new server answers after', BAR_MS, usedAt - changedAt, 'ms'),
    ] satisfies Finding[];
  },
};

/** Two servers of priority 0, one of priority 1: those two are lost, and come back. */
export const servicePriorities: Scenario = {
  name: 'srv-priority',
  fault: 'by SRV records: both servers of priority 0 are lost, and come back; one has priority 1',
  async run(fleet) {
    const records = servicesAt(fleet, ['a1', 'a2', 'b1'], { b1: 1 });
    await using names = await fleet.nameServer('dns1', records);
    await using client = await fleet.client({ servers: { srv: SERVICE }, names: [names] });
    const { a1, a2, b1 } = fleet.servers;
    await client.answeredBy(a1.serverId, a2.serverId);
    await client.mark();
    await delay(CALM_MS);
    const before = (await client.report()).loads[0].since.servers[b1.serverId]?.answered ?? 0;
    await client.mark();
    let worstMs: number;
    {
      await using _ = await fleet.network.isolate('a1', 'a2');
      await client.answeredBy(b1.serverId);
      await delay(LOST_MS);
      worstMs = (await client.report()).loads[0].since.worstMs;
    }
    const clearedAt = await client.mark();
    const { servers } = (await client.answeredBy(a1.serverId, a2.serverId)).loads[0].since;
    const usedAfter = [a1, a2].map(
      ({ serverId }) => (servers[serverId]?.firstAnsweredAt ?? NaN) - clearedAt,
    );
    return [
      ...(await judgeCalls(fleet, client)),
      none('calls at priority 1 before', before),
      atMost('worst wait', WORST_WAIT_MS, worstMs, 'ms'),
      atMost('both used again after', RETURN_MS, most(usedAfter), 'ms'),
    ] satisfies Finding[];
  },
};

function servicesAt(
  { servers }: Fleet,
  names: readonly ServerName[],
  priorities: Partial<Record<ServerName, number>> = {},
): Records {
  const hostOf = (name: ServerName) => `${name}.test`;
  const recordOf = (name: ServerName) => {
    return { target: hostOf(name), port: PORT, priority: priorities[name] ?? 0 };
  };
  return {
    addresses: Object.fromEntries(names.map((name) => [hostOf(name), [servers[name].address]])),
    services: { [SERVICE]: names.map(recordOf) },
  };
}
