/**
 * What the page reads out of snapshots. Pure: no document, no clock.
 *
 * @import { ClientSnapshot, FleetEvent, LinkSnapshot, PatternSnapshot, ServerSnapshot } from '../../fleet/snapshot.js'
 * @import { PageSnapshot } from '../page-snapshot.js'
 */

import { NOTHING } from './format.js';

/** @typedef {'good' | 'doubtful' | 'bad' | 'leaving' | 'waiting'} Tone */

/** How it is said, and how it looks: never by the colour alone. @type {Record<ServerSnapshot['state'], Tone>} */
export const TONE_OF_STATE = {
  alive: 'good',
  suspect: 'doubtful',
  dead: 'bad',
  draining: 'leaving',
  connecting: 'waiting',
};

/** @type {Record<FleetEvent['kind'], Tone>} */
export const TONE_OF_EVENT = {
  up: 'good',
  down: 'bad',
  suspect: 'doubtful',
  ejected: 'doubtful',
  draining: 'leaving',
  failover: 'waiting',
  added: 'waiting',
  removed: 'leaving',
};

/** @param {{ id?: string | undefined, endpoint: string }} server */
export function nameOf({ id, endpoint }) {
  return id ?? endpoint;
}

/** Whether the rates of a server are known; else they are 0. @param {ServerSnapshot} server */
export function hasRates({ ratesOverMs }) {
  return ratesOverMs !== undefined;
}

/** Whether servers differ in where they belong: else zones and priorities tell nothing. @param {readonly ServerSnapshot[]} servers */
export function areSpread(servers) {
  const [first, ...others] = servers;
  return others.some(({ zone, priority }) => zone !== first?.zone || priority !== first?.priority);
}

/** @typedef {{ readonly title: string, readonly servers: ServerSnapshot[] }} ServerGroup */

/**
 * The servers that belong together: by priority, the first choice first, and by zone. One group without a title if all do.
 *
 * @param {readonly ServerSnapshot[]} servers
 * @returns {ServerGroup[]}
 */
export function groupsOf(servers) {
  if (!areSpread(servers)) return [{ title: '', servers: [...servers] }];
  const hasPriorities = servers.some(({ priority }) => priority !== servers[0]?.priority);
  const hasZones = servers.some(({ zone }) => zone !== undefined);
  /** @type {Map<string, ServerGroup>} */
  const groups = new Map();
  // Those without a zone come last.
  const ordered = servers.toSorted(
    (a, b) =>
      a.priority - b.priority ||
      Number(a.zone === undefined) - Number(b.zone === undefined) ||
      (a.zone ?? '').localeCompare(b.zone ?? ''),
  );
  for (const server of ordered) {
    const { zone, priority } = server;
    const words = [
      ...(hasPriorities ? [`priority ${priority}`] : []),
      ...(hasZones ? [zone === undefined ? 'no zone' : `zone ${zone}`] : []),
    ];
    const title = words.join(', ');
    const group = groups.get(title) ?? { title, servers: [] };
    group.servers.push(server);
    groups.set(title, group);
  }
  return [...groups.values()];
}

/** The part of its calls that stays in the client's zone, from 0 to 1; undefined if it has no zone, or no choice. @param {Pick<ClientSnapshot, 'zone' | 'priorities'>} client */
export function localShareOf({ zone, priorities }) {
  if (zone === undefined || priorities.length === 0) return undefined;
  return sum(priorities, ({ share, localShare }) => share * localShare);
}

/** @param {PageSnapshot} snapshot */
export function totalsOf({ totals, servers }) {
  return {
    ...totals,
    alive: servers.filter(({ state }) => state === 'alive').length,
    servers: servers.length,
    /** Else they are 0: no server has told its counts twice yet. */
    areRatesKnown: servers.some(hasRates),
    running: sum(servers, (server) => server.running),
    queued: sum(servers, (server) => server.queued),
  };
}

/** @typedef {ReturnType<typeof totalsOf>} Totals */

/**
 * Who calls: the clients of this process; where there are none, those that servers tell of, by the ids that they gave
 * themselves. Of those, only the servers know.
 *
 * @param {PageSnapshot} snapshot
 * @returns {readonly Caller[]}
 */
export function callersOf({ clients, servers }) {
  if (clients.length > 0) return clients;
  /** @type {Map<string, Caller & { links: CallerLink[] }>} */
  const callers = new Map();
  for (const { endpoint, state, callers: told = [] } of servers) {
    for (const { client, callsPerSecond, pending } of told) {
      const caller = callers.get(client) ?? {
        name: callerName(client),
        callsPerSecond: 0,
        pending: 0,
        links: [],
      };
      caller.callsPerSecond += callsPerSecond;
      caller.pending += pending;
      caller.links.push({ endpoint, state, callsPerSecond });
      callers.set(client, caller);
    }
  }
  // A client that was restarted has another id: the old one is still told for a while.
  const busy = [...callers.values()].filter((each) => each.callsPerSecond > 0 || each.pending > 0);
  return busy.toSorted((a, b) => b.callsPerSecond - a.callsPerSecond);
}

/** Clients have a UUID as their id, of which the beginning tells them apart. @param {string} id */
function callerName(id) {
  return /^[\da-f]{8}-[\da-f-]{27}$/.test(id) ? `client ${id.slice(0, 8)}` : id;
}

/** @typedef {Pick<LinkSnapshot, 'endpoint' | 'state' | 'callsPerSecond'>} CallerLink */

/**
 * @typedef {object} Caller
 * @property {string} name
 * @property {number} callsPerSecond
 * @property {number} pending
 * @property {readonly CallerLink[]} links
 * @property {string | undefined} [zone] of those of this process; others do not tell
 * @property {ClientSnapshot['priorities']} [priorities]
 */

/** @typedef {PatternSnapshot & { readonly slowestAt: string }} PatternRow a pattern at all servers, and which of them is slowest */

/** @param {PageSnapshot} snapshot @returns {PatternRow[]} */
export function patternRows({ patterns, servers }) {
  /** @type {Map<string, { p99Ms: number, at: string }>} */
  const slow = new Map();
  for (const server of servers) {
    for (const { pattern, p99Ms } of server.patterns) {
      if (p99Ms !== undefined && p99Ms > (slow.get(pattern)?.p99Ms ?? -1)) {
        slow.set(pattern, { p99Ms, at: nameOf(server) });
      }
    }
  }
  return patterns.map((row) => ({ ...row, slowestAt: slow.get(row.pattern)?.at ?? NOTHING }));
}

/** @param {readonly PatternRow[]} rows @param {number} count */
export function slowest(rows, count) {
  return rows
    .filter(({ p99Ms }) => p99Ms !== undefined)
    .toSorted((a, b) => (b.p99Ms ?? 0) - (a.p99Ms ?? 0))
    .slice(0, count);
}

/** Those that fail now, then those that have failed before. @param {readonly PatternRow[]} rows @param {number} count */
export function failing(rows, count) {
  return rows
    .filter(({ errors }) => errors > 0)
    .toSorted((a, b) => b.errorsPerSecond - a.errorsPerSecond || b.errors - a.errors)
    .slice(0, count);
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => number} of
 */
function sum(items, of) {
  return items.reduce((total, item) => total + of(item), 0);
}
