import { setTimeout as delay } from 'node:timers/promises';
import { Link } from '../faults/link.js';
import { LINK_FAULTS } from '../faults/link-faults.js';
import { block, freeze, kill, restart } from '../faults/process-faults.js';
import { connectTo } from '../fleet/clients.js';
import type { Host } from '../fleet/host.js';
import { atMost, fact, type Finding, none } from '../judge/finding.js';
import { heapInUse, MIB } from '../judge/memory.js';
import { median } from '../judge/statistics.js';
import { IN_FLIGHT, SteadyLoad } from '../load/load.js';
import { oneOf, type Scenario, type Stage } from './scenario.js';

/** The defaults of the library, and shorter times for a short form. */
const FULL = { heartbeatInterval: 1000, heartbeatTimeout: 3000, calmMs: 2000 };
const SHORT = { heartbeatInterval: 200, heartbeatTimeout: 600, calmMs: 100 };
const SHORT_MS = 4000;

/** A call that has not ended by then never will, in ms. */
const PATIENCE_MS = 60_000;

/** A server and the link to it. */
interface Place {
  readonly host: Host;
  readonly link: Link;
}

type Fault = (place: Place, ms: number, random: () => number) => Promise<void>;

const PROCESS_FAULTS = { kill, restart, freeze, block };

const FAULTS: readonly (readonly [string, Fault])[] = [
  ...Object.entries(PROCESS_FAULTS).map(([name, fault]): [string, Fault] => [
    name,
    ({ host }, ms) => fault(host, ms),
  ]),
  ...Object.entries(LINK_FAULTS).map(([name, fault]): [string, Fault] => [
    name,
    ({ link }, ms, random) => fault(link, ms, random),
  ]),
];

/** One fault after another, each at one server or its link, for as long as it may last. */
export const soak: Scenario = {
  name: 'soak',
  fault: 'random faults, one after the other',
  async run(stage) {
    const placeOf = async (host: Host) => ({ host, link: await Link.to(host.port) });
    const places = await Promise.all(stage.fleet.hosts.map(placeOf));
    try {
      return await breakOn(places, stage);
    } finally {
      await Promise.all(places.map(({ link }) => link[Symbol.asyncDispose]()));
    }
  },
};

async function breakOn(
  places: readonly Place[],
  { fleet, isShort, minutes, random, progress }: Stage,
): Promise<Finding[]> {
  const { heartbeatInterval, heartbeatTimeout, calmMs } = isShort ? SHORT : FULL;
  const endpoints = places.map(({ link }) => link.endpoint);
  using client = await connectTo(endpoints, { heartbeatInterval, heartbeatTimeout });
  using load = new SteadyLoad(client);
  using once = new SteadyLoad(client, { callers: IN_FLIGHT / 4, idempotent: false });
  const until = performance.now() + (isShort ? SHORT_MS : minutes * 60_000);
  const heaps: number[] = [];
  let faults = 0;
  while (performance.now() < until) {
    const [name, fault] = oneOf(FAULTS, random);
    const place = oneOf(places, random);
    // Half of the hangs end before anyone takes the server for dead.
    await fault(place, random() * 2 * heartbeatTimeout, random);
    await load.meter.answeredBy(place.host.serverId);
    await delay(calmMs);
    heaps.push(heapInUse());
    faults++;
    progress(`${name} at ${place.host.serverId}; ${load.meter.answered} answered`);
  }
  await Promise.race([
    Promise.all([load.end(), once.end()]),
    delay(PATIENCE_MS, undefined, { ref: false }),
  ]);
  const { executed, twice } = fleet.executions(once.made);
  const unexpected = once.meter.failures.filter(({ code }) => code !== 'ECONNRESET').length;
  const third = Math.ceil(heaps.length / 3);
  const growth = median(heaps.slice(-third)) - median(heaps.slice(0, third));
  return [
    fact('faults', 'any', String(faults), faults > 0),
    none('failed calls', load.meter.failed, load.meter.started),
    none('executed twice, idempotent: false', twice, executed),
    none(
      'failed calls, idempotent: false, by other than ECONNRESET',
      unexpected,
      once.meter.started,
    ),
    none('calls that did not end', load.meter.open + once.meter.open),
    atMost('memory of the client, last third over first', 1, growth / MIB, 'MiB'),
  ];
}
