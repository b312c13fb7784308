import { setTimeout as delay } from 'node:timers/promises';
import { atMost, type Finding } from '../../chaos/judge/finding.js';
import { most } from '../../chaos/judge/statistics.js';
import type { Fleet, ServerName } from '../fleet/fleet.js';
import type { RemoteClient } from '../fleet/remote-client.js';
import type { Network } from '../network/network.js';
import type { Fault } from '../network/switch-rules.js';
import { judgeCalls } from './judge-calls.js';
import type { Scenario } from './scenario.js';

/** The host whose network fails. */
const VICTIM: ServerName = 'b1';

/** Longer than `heartbeatTimeout`, 3 s by default: what is silent that long counts as dead. */
const FAULT_MS = 5000;

/** Silence is noticed after one to two heartbeat intervals of 1 s; then the calls are at other servers, too. */
const WORST_WAIT_MS = 2300;

/** A dead server is probed at least once in `heartbeatInterval` in the first minute. */
const RETURN_MS = 2000;

/** Each call has this many bytes where packets of some size are lost: more than one packet of 1500. */
const LARGE_CALL = 4000;

interface NetworkFault {
  readonly name: string;
  readonly fault: string;
  readonly padding?: number;
  /** Those that are not used meanwhile. */
  readonly victims?: readonly ServerName[];
  begin(network: Network): Promise<Fault[]>;
}

const FAULTS: readonly NetworkFault[] = [
  {
    name: 'slow',
    fault: 'the client: all packets 80 ms later each way, ± 20, and 2 % of them lost',
    victims: [],
    begin: (network) =>
      Promise.all([
        network.delay('client', { ms: 80, jitterMs: 20 }),
        network.lose('client', 0.02),
      ]),
  },
  {
    name: 'partition',
    fault: 'three hosts of four: cut off from the client',
    victims: ['a2', 'b1', 'b2'],
    begin: async (network) => [await network.cut(['a2', 'b1', 'b2'], ['client'])],
  },
  {
    name: 'mute',
    fault: 'one host of four: what it sends is lost, what is sent to it arrives',
    begin: async (network) => [await network.silence(VICTIM)],
  },
  {
    name: 'deaf',
    fault: 'one host of four: what is sent to it is lost, what it sends arrives',
    begin: async (network) => [await network.deafen(VICTIM)],
  },
  {
    name: 'black-hole',
    fault: 'one host of four: packets above 1,000 bytes are lost without ICMP',
    padding: LARGE_CALL,
    begin: async (network) => [await network.blackHole(VICTIM, 1000)],
  },
];

/** The network of a host fails for a while. */
export const NETWORK_FAULTS: readonly Scenario[] = FAULTS.map((fault) => ({
  name: fault.name,
  fault: fault.fault,
  async run(fleet) {
    await using client = await clientOf(fleet, fault.padding);
    await client.mark();
    const faults = await fault.begin(fleet.network);
    try {
      await delay(FAULT_MS);
    } finally {
      await Promise.all(faults.map((each) => each[Symbol.asyncDispose]()));
    }
    return await judge(fleet, client, fault.victims);
  },
}));

/** A host loses its power, and comes back with a new server: no FIN, no RST until then. */
export const hostLost: Scenario = {
  name: 'host-lost',
  fault: 'one host of four: loses its power, and boots again',
  async run(fleet) {
    await using client = await clientOf(fleet);
    await client.mark();
    const server = fleet.servers[VICTIM];
    const fault = await fleet.network.unplug(VICTIM);
    try {
      await server.kill();
      await delay(FAULT_MS);
    } finally {
      await fault[Symbol.asyncDispose]();
    }
    await server.start();
    return await judge(fleet, client);
  },
};

/** A client of all four servers, once each has answered. */
async function clientOf(fleet: Fleet, padding = 0): Promise<RemoteClient> {
  const client = await fleet.client({ servers: { endpoints: fleet.endpoints }, padding });
  await client.answeredBy(...fleet.all.map(({ serverId }) => serverId));
  return client;
}

async function judge(
  fleet: Fleet,
  client: RemoteClient,
  victims: readonly ServerName[] = [VICTIM],
): Promise<Finding[]> {
  const { loads } = await client.report();
  const clearedAt = await client.mark();
  const ids = victims.map((name) => fleet.servers[name].serverId);
  const { servers } = (await client.answeredBy(...ids)).loads[0].since;
  const usedAfter = ids.map((id) => (servers[id]?.firstAnsweredAt ?? NaN) - clearedAt);
  return [
    ...(await judgeCalls(fleet, client)),
    atMost('worst wait', WORST_WAIT_MS, loads[0].since.worstMs, 'ms'),
    ...(ids.length > 0 ? [atMost('used again after', RETURN_MS, most(usedAfter), 'ms')] : []),
  ];
}
