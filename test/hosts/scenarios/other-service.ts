import { setTimeout as delay } from 'node:timers/promises';
import { atMost, type Finding, none } from '../../chaos/judge/finding.js';
import { SERVICE } from '../fleet/remote-server.js';
import { judgeCalls } from './judge-calls.js';
import { ORDERS, ordersAt } from './orders.js';
import type { Scenario } from './scenario.js';

/** For how long the address is the other service's, in ms. */
const GIVEN_MS = 3000;

const RETURN_MS = 2000;

/** A pod is gone, and its address is given to one of another service, before the records know of it. */
export const otherService: Scenario = {
  name: 'other-service',
  fault: 'by DNS: the address of a server is given to another service, which says so',
  async run(fleet) {
    await using names = await fleet.nameServer('dns1', ordersAt(fleet, ['a1', 'a2', 'b1']));
    const options = { service: SERVICE };
    await using client = await fleet.client({ servers: ORDERS, names: [names], options });
    const { a1, a2, b1 } = fleet.servers;
    await client.answeredBy(a1.serverId, a2.serverId, b1.serverId);
    await b1.kill();
    await client.mark();
    await b1.start({ service: 'payments' });
    const stranger = b1.serverId;
    await delay(GIVEN_MS);
    const { servers } = (await client.report()).loads[0].since;
    await b1.terminate();
    await b1.start();
    const startedAt = await client.mark();
    const report = await client.answeredBy(b1.serverId);
    const usedAt = report.loads[0].since.servers[b1.serverId]?.firstAnsweredAt ?? NaN;
    return [
      ...(await judgeCalls(fleet, client)),
      none('calls at the other service', servers[stranger]?.answered ?? 0),
      atMost('the right service there answers after', RETURN_MS, usedAt - startedAt, 'ms'),
    ] satisfies Finding[];
  },
};
