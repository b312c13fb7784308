import type {
  DiscoveryStats,
  FleetEvent,
  FleetSnapshot,
  ServerSnapshot,
} from '../../lib/fleet/snapshot.js';
import { seededRandom } from '../support/random.js';
import { clientOf, linkOf, patternOf, serverOf } from './fake-fleet.js';

/** A moment of the story, in seconds before its end. */
interface Turn {
  readonly before: number;
  readonly server: number;
  readonly state: ServerSnapshot['state'];
  readonly kind: FleetEvent['kind'];
  readonly reason: string;
  readonly text: string;
}

const DISCOVERY = 'dns tcp://inventory.shop.svc:5555';

/** When it last changed, in seconds before the end. */
const CHANGED = 559;

const STORY: readonly Turn[] = [
  turn(CHANGED, 3, 'alive', 'added', '', `was added by discovery: ${DISCOVERY}`),
  turn(472, 1, 'dead', 'down', 'the connection was closed', 'is down: the connection was closed'),
  turn(431, 1, 'alive', 'up', '', 'is up'),
  turn(304, 3, 'suspect', 'ejected', 'failing', 'was ejected: its calls fail, or time out'),
  turn(268, 3, 'alive', 'up', '', 'is up'),
  turn(150, 0, 'draining', 'draining', '', 'is draining'),
  turn(144, 0, 'dead', 'down', 'it has left', 'is down: it has left'),
  turn(121, 0, 'alive', 'up', '', 'is up'),
  turn(24, 3, 'suspect', 'suspect', 'silent', 'is suspect: it does not answer heartbeats'),
  turn(9, 2, 'dead', 'down', 'the connection was closed', 'is down: the connection was closed'),
];

const ZONES = ['eu-1a', 'eu-1a', 'eu-1b', 'eu-1b'];

const NAMES = ['inventory-1', 'inventory-2', 'inventory-3', 'inventory-4'];
const PATTERNS = ['stock.reserve', 'stock.count', 'price.quote', 'order.place', 'order.events'];
const SLOWNESS = [1, 0.6, 1.7, 4.2, 2.3];

const CLIENTS = [
  ['shop gateway', 0.62, 'eu-1a'],
  ['warehouse', 0.27, 'eu-1b'],
  ['nightly report', 0.11, undefined],
] as const;

const endpointOf = (server: number) => `tcp://10.0.3.${11 + server}:5555`;

/** Ten minutes of a fleet in which things happen, the same each time, for pictures and for tests that need much. */
export function showcase(end: number): FleetSnapshot[] {
  const random = seededRandom(7);
  const states: ServerSnapshot['state'][] = NAMES.map(() => 'alive');
  const reasons = NAMES.map(() => '');
  const snapshots: FleetSnapshot[] = [];
  for (let before = 599; before >= 0; before--) {
    const at = end - before * 1000;
    const turns = STORY.filter((each) => each.before === before);
    for (const { server, state, reason } of turns) {
      states[server] = state;
      reasons[server] = reason;
    }
    const swing = 1 + 0.25 * Math.sin(before / 70) + 0.06 * (random() - 0.5);
    const takers = states.filter((state) => state === 'alive').length;
    const servers = NAMES.map((id, index) => {
      const state = states[index] ?? 'alive';
      const share = state === 'alive' ? 1 / takers : 0;
      return madeServer(id, index, state, reasons[index] ?? '', 640 * swing * share, random);
    });
    snapshots.push({
      at,
      totals: {
        callsPerSecond: 640 * swing,
        errorsPerSecond: 640 * swing * 0.004,
        p50Ms: 4.1,
        p90Ms: 12,
        p99Ms: 33 + 4 * random(),
      },
      patterns: servers[1]?.patterns ?? [],
      servers,
      clients: CLIENTS.map(([name, part, zone]) =>
        clientOf(name, {
          zone,
          priorities: zone === undefined ? [] : [sharesOf(zone, states)],
          discovery: discoveryAt(before),
          pending: Math.round(9 * part * swing),
          callsPerSecond: 640 * swing * part,
          links: servers.map(({ endpoint, state, callsPerSecond }) =>
            linkOf(endpoint, { state, callsPerSecond: callsPerSecond * part }),
          ),
        }),
      ),
      events: turns.flatMap((each) => eventsOf(each, at)),
    });
  }
  return snapshots;
}

/** Half of a zone takes 70 % of its calls. */
function sharesOf(zone: string, states: readonly ServerSnapshot['state'][]) {
  const own = states.filter((_, index) => ZONES[index] === zone);
  const alive = own.filter((state) => state === 'alive').length;
  return { priority: 0, share: 1, localShare: Math.min((1.4 * alive) / own.length, 1) };
}

function discoveryAt(before: number): DiscoveryStats {
  return {
    name: DISCOVERY,
    servers: NAMES.length,
    lastSetMs: ((600 - before) % 30) * 1000,
    lastChangeMs: ((before <= CHANGED ? CHANGED : 600) - before) * 1000,
    lastErrorMs: before < 200 ? (200 - before) * 1000 : undefined,
    lastError: before < 200 ? 'SERVFAIL: the name server 10.96.0.10 has failed' : undefined,
    isFailing: false,
  };
}

function madeServer(
  id: string,
  index: number,
  state: ServerSnapshot['state'],
  reason: string,
  callsPerSecond: number,
  random: () => number,
): ServerSnapshot {
  const isGone = state === 'dead';
  const around = (value: number) => value * (0.9 + 0.2 * random());
  const patterns = PATTERNS.map((pattern, at) => {
    const slowness = SLOWNESS[at] ?? 1;
    const fails = pattern === 'order.place' ? callsPerSecond * 0.004 : 0;
    return patternOf(pattern, {
      callsPerSecond: (callsPerSecond / PATTERNS.length) * (1.6 - at * 0.3),
      errorsPerSecond: fails,
      calls: 412_000 - at * 80_000 + index * 1300,
      errors: pattern === 'order.place' ? 214 + index : pattern === 'price.quote' ? 3 : 0,
      pending: callsPerSecond > 0 ? Math.round(slowness) : 0,
      p50Ms: callsPerSecond > 0 ? around(2.4 * slowness) : undefined,
      p90Ms: callsPerSecond > 0 ? around(6 * slowness) : undefined,
      p99Ms: callsPerSecond > 0 ? around(11 * slowness) : undefined,
    });
  });
  return serverOf(id, {
    endpoint: endpointOf(index),
    state,
    reason,
    callsPerSecond,
    errorsPerSecond: callsPerSecond * 0.004,
    p50Ms: callsPerSecond > 0 ? around(4) : undefined,
    p90Ms: callsPerSecond > 0 ? around(12) : undefined,
    p99Ms: callsPerSecond > 0 ? around(34) : undefined,
    name: 'inventory.shop.svc',
    service: 'inventory',
    zone: ZONES[index],
    heartbeatMs: isGone ? undefined : around(0.6),
    noStats: isGone ? 'it has not answered yet' : undefined,
    running: Math.round(callsPerSecond / 40),
    queued: callsPerSecond > 250 ? Math.round(random() * 3) : 0,
    clients: isGone ? 0 : 3,
    refusedPerSecond: 0,
    patterns: isGone ? [] : patterns,
  });
}

function eventsOf({ server, kind, text }: Turn, at: number): FleetEvent[] {
  const where = { endpoint: endpointOf(server), serverId: NAMES[server] };
  const event: FleetEvent = { ...where, at: at - 300, kind, text };
  if (kind !== 'down' || text.includes('left')) return [event];
  const moved = 'lost 5 calls of shop gateway to other servers: the connection was closed';
  return [event, { ...where, at: at - 280, kind: 'failover', text: moved }];
}

function turn(
  before: number,
  server: number,
  state: ServerSnapshot['state'],
  kind: FleetEvent['kind'],
  reason: string,
  text: string,
): Turn {
  return { before, server, state, kind, reason, text };
}
