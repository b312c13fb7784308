import { fact, type Finding, number } from '../../chaos/judge/finding.js';
import { median } from '../../chaos/judge/statistics.js';
import type { NetworkHost } from '../network/network.js';
import { Echo, type Probed, type ProbeOptions } from '../network/round-trips.js';
import type { Fault } from '../network/switch-rules.js';
import type { Scenario } from './scenario.js';

/** How many datagrams are sent where a share of them is lost. */
const MANY = 200;

/** Whether the network does what the other scenarios assume of it: datagrams are sent from one host to another and back. */
export const instruments: Scenario = {
  name: 'instruments',
  fault: 'the network alone, by datagrams',
  async run({ network }) {
    const [client, near, far] = ['client', 'a1', 'b1'].map((name) => network.host(name));
    if (!client || !near || !far) throw new Error('the network lacks a host');
    await using echoes = await both(near, far);
    const findings: Finding[] = [];
    const all = ({ sent, roundTripsMs }: Probed) => roundTripsMs.length === sent;
    const nothing = ({ roundTripsMs }: Probed) => roundTripsMs.length === 0;

    const expect = async (
      what: string,
      bar: string,
      echo: Echo,
      options: ProbeOptions,
      holds: (probed: Probed) => boolean,
    ) => {
      const probed = await echo.probe(client, options);
      const back = `${probed.roundTripsMs.length} of ${probed.sent} back`;
      const ms = number(median(probed.roundTripsMs));
      const measured = probed.roundTripsMs.length === 0 ? back : `${back}, median ${ms} ms`;
      findings.push(fact(what, bar, measured, holds(probed)));
    };
    const during = async (fault: Promise<Fault>, test: () => Promise<void>) => {
      await using _ = await fault;
      await test();
    };

    await expect('IPv4', 'all', echoes.far, {}, all);
    await expect('IPv6', 'all', echoes.far, { family: 'v6' }, all);
    await during(network.delay('b1', { ms: 80, jitterMs: 20 }), async () => {
      const isLate = (probed: Probed) => all(probed) && Math.min(...probed.roundTripsMs) >= 119;
      const waitMs = 1000;
      await expect('80 ± 20 ms later each way', '≥ 120 ms', echoes.far, { waitMs }, isLate);
      await expect('meanwhile, another host', 'all', echoes.near, {}, all);
    });
    await during(network.lose('b1', 0.2), async () => {
      const isSome = ({ roundTripsMs: { length } }: Probed) =>
        length > 0.4 * MANY && length < 0.85 * MANY;
      await expect('20 % lost each way', '64 %', echoes.far, { count: MANY }, isSome);
    });
    await during(network.blackHole('b1', 1000), async () => {
      await expect('at most 1,000 bytes pass: of 900', 'all', echoes.far, { bytes: 900 }, all);
      await expect('of 1,200', 'none', echoes.far, { bytes: 1200 }, nothing);
    });
    for (const [what, fault] of [
      ['nothing from it arrives', () => network.silence('b1')],
      ['nothing arrives there', () => network.deafen('b1')],
      ['datagrams are lost', () => network.muffle('b1')],
      ['it is cut off', () => network.cut(['b1'], ['client'])],
      ['its cable is out', () => network.unplug('b1')],
    ] as const) {
      await during(fault(), () => expect(what, 'none', echoes.far, {}, nothing));
    }
    await expect('afterwards', 'all', echoes.far, {}, all);
    return findings;
  },
};

async function both(near: NetworkHost, far: NetworkHost) {
  const [nearEcho, farEcho] = await Promise.all([Echo.on(near), Echo.on(far)]);
  return {
    near: nearEcho,
    far: farEcho,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([nearEcho, farEcho].map((echo) => echo[Symbol.asyncDispose]()));
    },
  };
}
