import type { EndpointStats } from '../agents/client/client-stats.js';
import type { HealthState } from '../core/health.js';
import type { EventLog } from './event-log.js';
import type { OwnServer } from './own-server.js';
import { byPattern, patternSnapshot, type PatternTally } from './pattern-tally.js';
import { type Flow, knownOverMs, ratesOf, sumOf } from './rates.js';
import {
  type FleetEvent,
  type FleetSnapshot,
  NOT_ASKED_YET,
  type Rates,
  type ServerPlace,
  type ServerSnapshot,
} from './snapshot.js';
import type { Link, WatchedClient } from './watched-client.js';
import type { WatchedServer } from './watched-server.js';

/** So many in a snapshot. Each server tells at most 200 apart. */
const MOST_PATTERNS = 1000;

/** Who tells what there is. */
export interface FleetSources {
  /** Servers that are asked over the network. */
  readonly servers: readonly WatchedServer[];
  /** Clients of this process. */
  readonly clients: readonly WatchedClient[];
  /** Servers of this process. Nobody knows them better than themselves, though others may know them, too. */
  readonly own: readonly OwnServer[];
}

interface SeenServer {
  readonly snapshot: ServerSnapshot;
  readonly flow: Flow;
  /** How many calls it answered with an error. An attempt that was lost there may have been answered elsewhere. */
  readonly answeredErrorsPerSecond: number;
}

/**
 * What servers and clients are at this moment, and what has happened.
 *
 * @param at in ms since 1970
 */
export function fleetSnapshot(
  { servers, clients, own }: FleetSources,
  events: EventLog,
  at: number,
): FleetSnapshot {
  const ownAt = (endpoint: string) => own.find((server) => server.isAt(endpoint));
  /** Under which address it is shown. */
  const shownAt = (endpoint: string) => ownAt(endpoint)?.endpoint ?? endpoint;
  const links = linksOf(clients);
  const watched = servers.filter(({ view }) => view && !ownAt(view.endpoint));
  const asked = watched.flatMap((server) => {
    const { view } = server;
    return view ? [seenByFleet(server, view, links.get(view.endpoint) ?? [], events)] : [];
  });
  const isAsked = new Set(asked.map(({ snapshot }) => snapshot.endpoint));
  const others = [...links]
    .filter(([endpoint]) => !isAsked.has(endpoint) && !ownAt(endpoint))
    .map(([endpoint, its]) => seenByClients(endpoint, its, events));
  const linksTo = (server: OwnServer) =>
    [...links].flatMap(([endpoint, its]) => (server.isAt(endpoint) ? its : []));
  const all = [...own.map((server) => seenByItself(server, linksTo(server))), ...asked, ...others];
  const ids = new Map(all.map(({ snapshot: { endpoint, id } }) => [endpoint, id]));
  events.retain(new Set([...ids.keys(), ...links.keys()]), at);
  const telling = new Set(
    watched.flatMap(({ report, view }) => (report.reading && view ? [view.endpoint] : [])),
  );
  const isTelling = (endpoint: string) => telling.has(endpoint) || ownAt(endpoint) !== undefined;
  const tallies = [
    ...own.flatMap((server) => server.activity.patterns),
    ...watched.flatMap((server) => server.report.patterns),
    ...clients.flatMap((client) => talliesOf(client, isTelling)),
  ];
  return {
    at,
    totals: totalsOf(all, clients),
    patterns: byPattern(tallies, MOST_PATTERNS).map(patternSnapshot),
    servers: all.map(({ snapshot }) => snapshot),
    clients: clients.map((client) => client.snapshot(shownAt)),
    events: events
      .take((endpoint) => ids.get(endpoint))
      .map((event) => eventAt(event, ownAt(event.endpoint))),
  };
}

/**
 * Of a client that calls a server that tells what is called there, only what failed without an answer: the rest is in that
 * server's counts, and a client does not tell which of its servers it has called a pattern at.
 */
function talliesOf(
  { links, patterns, unanswered }: WatchedClient,
  isTelling: (endpoint: string) => boolean,
): readonly PatternTally[] {
  return [...links.keys()].some(isTelling) ? unanswered : patterns;
}

/** Errors are those that callers got. */
function totalsOf(servers: readonly SeenServer[], clients: readonly WatchedClient[]): Rates {
  const answered = servers.reduce((sum, server) => sum + server.answeredErrorsPerSecond, 0);
  const unanswered = clients.reduce((sum, client) => sum + client.unansweredPerSecond, 0);
  const flow = sumOf(servers.map((server) => server.flow));
  return { ...ratesOf(flow), errorsPerSecond: answered + unanswered };
}

/** A client may know a server of this process by another address, and not yet by name. */
function eventAt(event: FleetEvent, server: OwnServer | undefined): FleetEvent {
  return server ? { ...event, endpoint: server.endpoint, serverId: server.name } : event;
}

/** What each client does at each server, by the server's address. */
function linksOf(clients: readonly WatchedClient[]): Map<string, Link[]> {
  const links = new Map<string, Link[]>();
  for (const client of clients) {
    for (const [endpoint, link] of client.links) {
      const known = links.get(endpoint);
      if (known) known.push(link);
      else links.set(endpoint, [link]);
    }
  }
  return links;
}

function seenByItself(server: OwnServer, links: readonly Link[]): SeenServer {
  const { flow } = server.activity;
  const snapshot = { ...server.snapshot(), ...placeOf(links.map((link) => link.stats)) };
  return { snapshot, flow, answeredErrorsPerSecond: flow.errorsPerSecond };
}

function seenByFleet(
  server: WatchedServer,
  { endpoint, stats }: NonNullable<WatchedServer['view']>,
  links: readonly Link[],
  events: EventLog,
): SeenServer {
  const { reading, ...report } = server.report;
  const flow = reading ? report.flow : sumOf(links.map((link) => link.flow));
  const answeredErrorsPerSecond = reading ? flow.errorsPerSecond : answeredErrorsOf(links);
  const snapshot: ServerSnapshot = {
    ...ofObserver(endpoint, stats, events),
    ...placeOf([...links.map((link) => link.stats), stats]),
    id: stats.serverId ?? reading?.id,
    noStats: UNREACHABLE[stats.state] ?? report.noStats,
    staleMs: report.staleMs,
    running: reading?.running ?? 0,
    queued: reading?.queued ?? 0,
    clients: reading?.clients ?? 0,
    refusedPerSecond: reading ? report.refusedPerSecond : refusedOf(links),
    patterns: report.patterns.map(patternSnapshot),
    callers: reading && report.callers,
    ratesOverMs: knownOverMs(flow),
    ...ratesOf(flow),
  };
  return { snapshot, flow, answeredErrorsPerSecond };
}

/** Only clients of this process know it. */
function seenByClients(endpoint: string, links: readonly Link[], events: EventLog): SeenServer {
  const flow = sumOf(links.map((link) => link.flow));
  const stats = links
    .map((link) => link.stats)
    .reduce((one, other) => (isBetter(other, one) ? other : one));
  const snapshot: ServerSnapshot = {
    ...ofObserver(endpoint, stats, events),
    ...placeOf(links.map((link) => link.stats)),
    id: stats.serverId,
    noStats: UNREACHABLE[stats.state] ?? 'only clients of this process watch it',
    staleMs: undefined,
    running: 0,
    queued: 0,
    clients: 0,
    refusedPerSecond: refusedOf(links),
    patterns: [],
    ratesOverMs: knownOverMs(flow),
    ...ratesOf(flow),
  };
  return { snapshot, flow, answeredErrorsPerSecond: answeredErrorsOf(links) };
}

function ofObserver(
  endpoint: string,
  { state, heartbeatLatencyMs: heartbeatMs }: EndpointStats,
  events: EventLog,
): Pick<ServerSnapshot, 'endpoint' | 'state' | 'reason' | 'heartbeatMs'> {
  const hasReason = state !== 'alive' && state !== 'connecting';
  return {
    endpoint,
    state,
    reason: hasReason ? events.reasonOf(endpoint) : '',
    // The last one that it answered says nothing of one that is gone.
    heartbeatMs: state === 'dead' ? undefined : heartbeatMs,
  };
}

/** As the first says who was told anything: what a client's list or discovery says goes before what the server says. */
function placeOf(seen: readonly EndpointStats[]): ServerPlace {
  const first = <T>(read: (stats: EndpointStats) => T | undefined) =>
    seen.map(read).find((value) => value !== undefined);
  return {
    name: first(({ name }) => name),
    service: first(({ service }) => service),
    zone: first(({ zone }) => zone),
    weight: first(({ weight }) => weight) ?? 1,
    priority: first(({ priority }) => priority) ?? 0,
  };
}

const UNREACHABLE: Partial<Record<HealthState, string>> = {
  connecting: NOT_ASKED_YET,
  dead: 'it is not reachable',
};

/** Best first: a server that some client can use is no dead one. */
const STATES: readonly HealthState[] = ['alive', 'suspect', 'draining', 'connecting', 'dead'];

function isBetter(one: EndpointStats, other: EndpointStats): boolean {
  return STATES.indexOf(one.state) < STATES.indexOf(other.state);
}

function answeredErrorsOf(links: readonly Link[]): number {
  return links.reduce((sum, link) => sum + link.answeredErrorsPerSecond, 0);
}

function refusedOf(links: readonly Link[]): number {
  return links.reduce((sum, link) => sum + link.refusedPerSecond, 0);
}
