import { setTimeout as delay } from 'node:timers/promises';
import { atMost, fact, type Finding } from '../../chaos/judge/finding.js';
import { TTL_S } from '../fleet/name-server.js';
import type { ClientReport } from '../fleet/messages.js';
import type { RemoteClient } from '../fleet/remote-client.js';
import { judgeCalls } from './judge-calls.js';
import { EMPTY, NXDOMAIN, ORDERS, ordersAt, publish } from './orders.js';
import type { Scenario } from './scenario.js';

/** Many times as long as the records may be remembered, in ms. */
const SILENT_MS = 20_000;
const LONG_SILENT_MS = 60_000;

/** For how long each lie is told, in ms: some times as long as the records may be remembered. */
const LIE_MS = 3000;

/** A failed look-up is tried again after 1 to 2, 2 to 4, then each 4 to 8 s, and is given up after 3 s. */
const AFTER_SILENCE_MS = 12_000;
const AFTER_LIES_MS = 9000;

/** The records hold for 1 s. A second name server is asked after 1 to 2 s: Node looks once a second whether 1 s has passed. */
const SECOND_MS = TTL_S * 1000 + 2500;

/** An address of the network that no host has. */
const NOBODY = '10.77.0.99';

/** Questions get no answer, while a server dies and another one is added. */
export const silentNames: Scenario = {
  name: 'dns-silent',
  fault: 'by DNS: the name server falls silent, while a server dies',
  async run(fleet, { isLong }) {
    await using names = await fleet.nameServer('dns1', ordersAt(fleet, ['a1', 'a2', 'b1']));
    await using client = await fleet.client({ servers: ORDERS, names: [names] });
    const { a1, a2, b1, b2 } = fleet.servers;
    await client.answeredBy(a1.serverId, a2.serverId, b1.serverId);
    const silentMs = isLong ? LONG_SILENT_MS : SILENT_MS;
    let kept: Finding;
    {
      await using _ = await fleet.network.muffle(names.host.name);
      await names.serve(ordersAt(fleet, ['a1', 'a2', 'b2']));
      await b1.kill();
      await delay(silentMs);
      kept = await inUse(client, 'at its end', [a1.serverId, a2.serverId]);
    }
    const spokeAt = await client.mark();
    const report = await client.answeredBy(b2.serverId);
    return [
      ...(await judgeCalls(fleet, client)),
      kept,
      atMost(
        `${silentMs / 1000} s: new server answers after its end`,
        AFTER_SILENCE_MS,
        answered(report, b2.serverId) - spokeAt,
        'ms',
      ),
    ] satisfies Finding[];
  },
};

/** The first of the two name servers that a client asks is silent; the second one knows a new server. */
export const secondNames: Scenario = {
  name: 'dns-second',
  fault: 'by DNS: the first of two name servers is silent',
  async run(fleet) {
    const before = ordersAt(fleet, ['a1', 'a2']);
    await using first = await fleet.nameServer('dns1', before);
    await using second = await fleet.nameServer('dns2', before);
    await using client = await fleet.client({ servers: ORDERS, names: [first, second] });
    const { a1, a2, b1 } = fleet.servers;
    await client.answeredBy(a1.serverId, a2.serverId);
    await client.mark();
    await using _ = await fleet.network.muffle(first.host.name);
    const changedAt = await publish(second, ordersAt(fleet, ['a1', 'a2', 'b1']));
    const report = await client.answeredBy(b1.serverId);
    return [
      ...(await judgeCalls(fleet, client)),
      atMost(
        'new server answers after',
        SECOND_MS,
        answered(report, b1.serverId) - changedAt,
        'ms',
      ),
    ] satisfies Finding[];
  },
};

/** It answers that there is no server, that there is no such name, or it is not there; then it tells the truth. */
export const emptyAnswers: Scenario = {
  name: 'dns-empty',
  fault: `by DNS: an empty answer, NXDOMAIN, nobody on port 53, ${LIE_MS / 1000} s each`,
  async run(fleet) {
    await using names = await fleet.nameServer('dns1', ordersAt(fleet, ['a1', 'a2']));
    await using client = await fleet.client({ servers: ORDERS, names: [names] });
    const { a1, a2, b1 } = fleet.servers;
    const known = [a1.serverId, a2.serverId];
    await client.answeredBy(...known);
    const findings: Finding[] = [];
    for (const [what, lie] of [
      ['with an empty answer', () => names.serve(EMPTY)],
      ['with NXDOMAIN', () => names.serve(NXDOMAIN)],
      ['with nobody on port 53', () => names.end()],
    ] as const) {
      await lie();
      await delay(LIE_MS);
      findings.push(await inUse(client, what, known));
    }
    await client.mark();
    const publishedAt = await publish(names, ordersAt(fleet, ['a1', 'a2', 'b1']));
    const report = await client.answeredBy(b1.serverId);
    return [
      ...(await judgeCalls(fleet, client)),
      ...findings,
      atMost(
        'new server answers after the truth',
        AFTER_LIES_MS,
        answered(report, b1.serverId) - publishedAt,
        'ms',
      ),
    ];
  },
};

/** It names servers that are gone, one host that never was, and a single one that is there. */
export const oldAddresses: Scenario = {
  name: 'dns-old',
  fault: 'by DNS: old addresses, of which one of three has a server',
  async run(fleet) {
    await using names = await fleet.nameServer('dns1', ordersAt(fleet, ['a1', 'a2', 'b1']));
    await using client = await fleet.client({ servers: ORDERS, names: [names] });
    const { a1, a2, b1, b2 } = fleet.servers;
    await client.answeredBy(a1.serverId, a2.serverId, b1.serverId);
    await b2.terminate();
    await publish(names, ordersAt(fleet, ['a1', 'b2'], NOBODY));
    await delay(LIE_MS);
    const believed = await inUse(client, 'meanwhile', [a1.serverId]);
    await client.mark();
    const publishedAt = await publish(names, ordersAt(fleet, ['a1', 'a2', 'b1']));
    const report = await client.answeredBy(a2.serverId, b1.serverId);
    const usedAfter =
      Math.max(answered(report, a2.serverId), answered(report, b1.serverId)) - publishedAt;
    return [
      ...(await judgeCalls(fleet, client)),
      believed,
      atMost('the others answer after the truth', TTL_S * 1000 + 500, usedAfter, 'ms'),
    ] satisfies Finding[];
  },
};

/** Each of two clients asks another name server, and each of those knows other servers; then they change places. */
export const splitViews: Scenario = {
  name: 'dns-split',
  fault: 'by DNS: two clients whose name servers know different servers, which then swap',
  async run(fleet) {
    const [these, those] = [ordersAt(fleet, ['a1', 'a2']), ordersAt(fleet, ['b1'])];
    await using first = await fleet.nameServer('dns1', these);
    await using second = await fleet.nameServer('dns2', those);
    await using one = await fleet.client({ servers: ORDERS, names: [first] });
    const on = fleet.network.host('b2');
    await using other = await fleet.client({ servers: ORDERS, names: [second], on });
    const { a1, a2, b1 } = fleet.servers;
    const seenByOne = await one.answeredBy(a1.serverId, a2.serverId);
    const seenByOther = await other.answeredBy(b1.serverId);
    await Promise.all([one.mark(), other.mark()]);
    const changedAt = await publish(first, those);
    await publish(second, these);
    const after = [
      answered(await one.answeredBy(b1.serverId), b1.serverId),
      answered(await other.answeredBy(a1.serverId), a1.serverId),
    ].map((time) => time - changedAt);
    return [
      ...(await judgeCalls(fleet, one, other)),
      fact(
        'each knows the servers of its own view',
        '2 and 1',
        `${knownBy(seenByOne)} and ${knownBy(seenByOther)}`,
        knownBy(seenByOne) === 2 && knownBy(seenByOther) === 1,
      ),
      atMost('the other view is used after', TTL_S * 1000 + 500, Math.max(...after), 'ms'),
    ] satisfies Finding[];
  },
};

function knownBy({ endpoints }: ClientReport): number {
  return Object.keys(endpoints).length;
}

/** When that server has answered first since the mark, as `Date.now()`. */
function answered({ loads }: ClientReport, serverId: string): number {
  return loads[0].since.servers[serverId]?.firstAnsweredAt ?? NaN;
}

/** That these servers answer calls that are made now, and no others do. */
async function inUse(
  client: RemoteClient,
  what: string,
  serverIds: readonly string[],
): Promise<Finding> {
  await client.mark();
  const { loads } = await client.answeredBy(...serverIds);
  const using = Object.keys(loads[0].since.servers).length;
  return fact(
    `${what}: servers in use`,
    `${serverIds.length}`,
    `${using}`,
    using === serverIds.length,
  );
}
