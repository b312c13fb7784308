import {
  type CallerSnapshot,
  type ClientSnapshot,
  type DiscoveryStats,
  type FleetEvent,
  type FleetSnapshot,
  type LinkSnapshot,
  MOST_PRIORITIES,
  type PatternSnapshot,
  type PriorityShare,
  type Rates,
  type ServerSnapshot,
} from '../fleet/snapshot.js';

/** A snapshot as the page gets it: of bounded size, whatever peers call themselves and their patterns. */
export interface PageSnapshot extends FleetSnapshot {
  /** How many servers, clients and events were left out. */
  readonly left: { readonly servers: number; readonly clients: number; readonly events: number };
}

/** More fit on no screen; about 100 kB of JSON. */
const MAX_SERVERS = 200;
const MAX_CLIENTS = 50;
const MAX_LINKS = 1000;
const MAX_EVENTS = 100;

/** At all servers together, and at least one each. */
const MAX_CALLERS = 400;

/** Of all servers together, but at least two each, and of the clients likewise. */
const MAX_PATTERNS = 400;
const MAX_PATTERNS_EACH = 20;

/** More than the page lists as slow or failing. */
const MAX_PATTERNS_OF_ALL = 40;

/** Ids and patterns may have up to 64 KiB. */
const MAX_TEXT = 200;

/** Leaves out what exceeds the bounds: the least busy patterns that neither fail nor are slow, and what comes last of the rest. */
export function pageSnapshot(snapshot: FleetSnapshot): PageSnapshot {
  const servers = snapshot.servers.slice(0, MAX_SERVERS);
  const clients = snapshot.clients.slice(0, MAX_CLIENTS);
  // Of a storm of failovers the newest tell enough.
  const events = snapshot.events.slice(-MAX_EVENTS);
  return {
    at: snapshot.at,
    totals: rounded(snapshot.totals),
    patterns: notable(snapshot.patterns, MAX_PATTERNS_OF_ALL).map(trimPattern),
    servers: servers.map((server) => trimServer(server, servers.length)),
    clients: clients.map((client) => trimClient(client, clients.length)),
    events: events.map(trimEvent),
    left: {
      servers: snapshot.servers.length - servers.length,
      clients: snapshot.clients.length - clients.length,
      events: snapshot.events.length - events.length,
    },
  };
}

function trimServer(server: ServerSnapshot, servers: number): ServerSnapshot {
  const patterns = share(MAX_PATTERNS, servers);
  const callers = Math.max(1, Math.floor(MAX_CALLERS / servers));
  return {
    ...server,
    ...rounded(server),
    endpoint: short(server.endpoint),
    id: shortIfAny(server.id),
    name: shortIfAny(server.name),
    service: shortIfAny(server.service),
    zone: shortIfAny(server.zone),
    reason: short(server.reason),
    noStats: shortIfAny(server.noStats),
    heartbeatMs: significant(server.heartbeatMs),
    ratesOverMs: significant(server.ratesOverMs),
    refusedPerSecond: significant(server.refusedPerSecond),
    patterns: notable(server.patterns, patterns).map(trimPattern),
    callers: server.callers?.slice(0, callers).map(trimCaller),
  };
}

function trimCaller(caller: CallerSnapshot): CallerSnapshot {
  return { ...caller, ...rounded(caller), client: short(caller.client) };
}

function trimClient(client: ClientSnapshot, clients: number): ClientSnapshot {
  return {
    ...client,
    ...rounded(client),
    name: short(client.name),
    zone: shortIfAny(client.zone),
    priorities: client.priorities.slice(0, MOST_PRIORITIES).map(trimShare),
    discovery: client.discovery && trimDiscovery(client.discovery),
    links: client.links.slice(0, Math.floor(MAX_LINKS / clients)).map(trimLink),
    patterns: notable(client.patterns, share(MAX_PATTERNS, clients)).map(trimPattern),
  };
}

function trimShare({ priority, share: part, localShare }: PriorityShare): PriorityShare {
  return { priority, share: significant(part), localShare: significant(localShare) };
}

function trimDiscovery(discovery: DiscoveryStats): DiscoveryStats {
  const { name, lastError } = discovery;
  return { ...discovery, name: short(name), lastError: shortIfAny(lastError) };
}

function trimLink(link: LinkSnapshot): LinkSnapshot {
  return { ...link, ...rounded(link), endpoint: short(link.endpoint) };
}

function trimPattern(pattern: PatternSnapshot): PatternSnapshot {
  return { ...pattern, ...rounded(pattern), pattern: short(pattern.pattern) };
}

function trimEvent(event: FleetEvent): FleetEvent {
  return {
    ...event,
    endpoint: short(event.endpoint),
    serverId: shortIfAny(event.serverId),
    text: short(event.text),
  };
}

function share(total: number, among: number): number {
  return Math.min(MAX_PATTERNS_EACH, Math.max(2, Math.floor(total / Math.max(1, among))));
}

/** Those that fail most, those that are slowest, and then the busiest; in their own order. */
function notable(patterns: readonly PatternSnapshot[], max: number): readonly PatternSnapshot[] {
  if (patterns.length <= max) return patterns;
  const most = (of: (pattern: PatternSnapshot) => number, count: number) =>
    patterns
      .filter((pattern) => of(pattern) > 0)
      .toSorted((a, b) => of(b) - of(a))
      .slice(0, count);
  const chosen = new Set([
    ...most((pattern) => pattern.errorsPerSecond, Math.floor(max / 3)),
    ...most((pattern) => pattern.p99Ms ?? 0, Math.floor(max / 3)),
    ...most((pattern) => pattern.callsPerSecond, max),
    ...patterns,
  ]);
  const kept = new Set([...chosen].slice(0, max));
  return patterns.filter((pattern) => kept.has(pattern));
}

function rounded(rates: Rates): Rates {
  return {
    callsPerSecond: significant(rates.callsPerSecond),
    errorsPerSecond: significant(rates.errorsPerSecond),
    p50Ms: significant(rates.p50Ms),
    p90Ms: significant(rates.p90Ms),
    p99Ms: significant(rates.p99Ms),
  };
}

/** Four digits: more are not read, and would be most of the JSON. */
function significant(value: number): number;
function significant(value: number | undefined): number | undefined;
function significant(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(4));
}

function short(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

function shortIfAny(text: string | undefined): string | undefined {
  return text === undefined ? undefined : short(text);
}
