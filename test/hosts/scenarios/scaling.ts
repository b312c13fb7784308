import { setTimeout as delay } from 'node:timers/promises';
import { atMost, type Finding, none } from '../../chaos/judge/finding.js';
import { most } from '../../chaos/judge/statistics.js';
import type { Fleet, ServerName } from '../fleet/fleet.js';
import type { NameServer } from '../fleet/name-server.js';
import { TTL_S } from '../fleet/name-server.js';
import type { RemoteClient } from '../fleet/remote-client.js';
import { judgeCalls } from './judge-calls.js';
import { ORDERS, ordersAt, publish } from './orders.js';
import type { Scenario } from './scenario.js';

const ROUNDS = 2;

/** One that stays known for that long after its last call would be used again, in ms. */
const AFTERWARDS_MS = 500;

/** New servers get calls within one TTL; more for the look-up, the connection and the first heartbeat. */
const BAR_MS = TTL_S * 1000 + 500;

/** A deployment grows and shrinks under load; a client finds its servers by a name with A and AAAA records. */
export const scaling: Scenario = {
  name: 'scaling',
  fault: `by DNS, TTL ${TTL_S} s: two servers of four come and go under load`,
  async run(fleet) {
    await using names = await fleet.nameServer('dns1', ordersAt(fleet, ['a1', 'a2']));
    await using client = await fleet.client({ servers: ORDERS, names: [names] });
    const { a1, a2 } = fleet.servers;
    await client.answeredBy(a1.serverId, a2.serverId);
    const used: number[] = [];
    const forgotten: number[] = [];
    let calledAfterwards = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // One has an IPv4 address, the other an IPv6 address.
      used.push(await grow(fleet, client, names, ['a1', 'a2'], 'b1'));
      used.push(await grow(fleet, client, names, ['a1', 'a2', 'b1'], 'b2'));
      const left = await shrink(fleet, client, names, ['a1', 'a2', 'b1'], 'b2');
      forgotten.push(left.lastCalledAfter);
      calledAfterwards += left.calledAfterwards;
      // As a deployment does it: the record goes, and at the same time the server is told to stop.
      await publish(names, ordersAt(fleet, ['a1', 'a2']));
      await fleet.servers.b1.terminate();
      await fleet.start();
    }
    return [
      ...(await judgeCalls(fleet, client)),
      none('calls at a server after the client has forgotten it', calledAfterwards),
      atMost('new server answers after', BAR_MS, most(used), 'ms'),
      atMost('old server gets its last call after', BAR_MS, most(forgotten), 'ms'),
    ] satisfies Finding[];
  },
};

/** @returns how long after the record the new server has answered, in ms */
async function grow(
  fleet: Fleet,
  client: RemoteClient,
  names: NameServer,
  before: readonly ServerName[],
  added: ServerName,
): Promise<number> {
  const { serverId } = fleet.servers[added];
  await client.mark();
  const changedAt = await publish(names, ordersAt(fleet, [...before, added]));
  const { loads } = await client.answeredBy(serverId);
  return (loads[0].since.servers[serverId]?.firstAnsweredAt ?? NaN) - changedAt;
}

/** The record of a server goes; the server itself stays, so that calls to it would be answered. */
async function shrink(
  fleet: Fleet,
  client: RemoteClient,
  names: NameServer,
  after: readonly ServerName[],
  removed: ServerName,
): Promise<{ lastCalledAfter: number; calledAfterwards: number }> {
  const { serverId, endpoint } = fleet.servers[removed];
  await client.mark();
  const changedAt = await publish(names, ordersAt(fleet, after));
  const report = await client.until(
    `${removed} is forgotten`,
    (_first, { endpoints }) => !(endpoint in endpoints),
  );
  const lastCalledAt = report.loads[0].since.servers[serverId]?.lastCalledAt ?? changedAt;
  await client.mark();
  await delay(AFTERWARDS_MS);
  const later = await client.report();
  return {
    lastCalledAfter: Math.max(lastCalledAt - changedAt, 0),
    calledAfterwards: later.loads[0].since.servers[serverId]?.answered ?? 0,
  };
}
