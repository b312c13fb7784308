import type { HealthState } from '../../core/health.js';
import { plainText } from '../../core/plain-text.js';
import type { ServerSnapshot } from '../../fleet/snapshot.js';
import type { Colours } from '../colours.js';
import { hasRates } from './known-rates.js';
import { shownCount, shownMs, shownRate, UNKNOWN } from './numbers.js';
import { type Column, type Table, tableOf } from './table.js';
import type { SortKey, ViewState } from './view-state.js';

interface ServerColumn extends Column<ServerSnapshot> {
  readonly key: SortKey | 'zone' | 'priority';
  /** What it is sorted by: numbers with the largest first, text in alphabetical order. */
  readonly value: (server: ServerSnapshot) => number | string | undefined;
  /** It is left out where it tells nothing. */
  readonly isTelling?: (servers: readonly ServerSnapshot[]) => boolean;
}

/** Those that need a look first. */
const STATES: readonly HealthState[] = ['dead', 'suspect', 'draining', 'connecting', 'alive'];

const COLUMNS: readonly ServerColumn[] = [
  {
    key: 'state',
    title: 'STATE',
    align: 'left',
    rank: 0,
    // It is well, and only wants no calls: not what else makes a server suspect.
    text: ({ state, reason }) => (state === 'suspect' && reason === 'unready' ? reason : state),
    value: ({ state }) => STATES.length - STATES.indexOf(state),
  },
  {
    key: 'id',
    title: 'SERVER',
    align: 'left',
    rank: 1,
    min: 12,
    text: ({ id }) => (id === undefined ? UNKNOWN : plainText(id)),
    value: ({ id }) => id ?? '',
  },
  {
    key: 'endpoint',
    title: 'ENDPOINT',
    align: 'left',
    rank: 4,
    // As long as tcp://127.0.0.1:65535: the port comes last, and tells servers of one host apart.
    min: 21,
    text: ({ endpoint }) => plainText(endpoint),
    value: ({ endpoint }) => endpoint,
  },
  {
    key: 'zone',
    title: 'ZONE',
    align: 'left',
    rank: 6,
    min: 6,
    text: ({ zone }) => (zone === undefined ? UNKNOWN : plainText(zone, 64)),
    value: ({ zone }) => zone,
    isTelling: (servers) => servers.some(({ zone }) => zone !== undefined),
  },
  {
    key: 'priority',
    title: 'PRIORITY',
    align: 'right',
    rank: 7,
    text: ({ priority }) => String(priority),
    value: ({ priority }) => priority,
    isTelling: (servers) => servers.some(({ priority }) => priority !== servers[0]?.priority),
  },
  number('calls', 'CALLS/S', 2, rate('callsPerSecond'), shownRate),
  number('errors', 'ERRORS/S', 3, rate('errorsPerSecond'), shownRate),
  number('p50', 'P50', 8, ({ p50Ms }) => p50Ms, shownMs),
  number('p99', 'P99', 5, ({ p99Ms }) => p99Ms, shownMs),
  number('running', 'RUNNING', 9, ({ running }) => running, shownCount),
  number('queued', 'QUEUED', 10, ({ queued }) => queued, shownCount),
  number('clients', 'CLIENTS', 11, ({ clients }) => clients, shownCount),
  number('heartbeat', 'HEARTBEAT', 12, ({ heartbeatMs }) => heartbeatMs, shownMs),
];

/** The servers in the order that was chosen: those that are equal by their addresses. */
export function sortedServers(
  servers: readonly ServerSnapshot[],
  { sortKey, isReversed }: Pick<ViewState, 'sortKey' | 'isReversed'>,
): ServerSnapshot[] {
  const value = COLUMNS.find(({ key }) => key === sortKey)?.value ?? (() => 0);
  const sign = isReversed ? -1 : 1;
  return servers.toSorted(
    (one, other) =>
      sign * compared(value(one), value(other)) || compared(one.endpoint, other.endpoint),
  );
}

/** @param view whose sorted column is marked; undefined for none */
export function serverTable(
  servers: readonly ServerSnapshot[],
  view: ViewState | undefined,
  width: number,
  colours: Colours,
): Table {
  const telling = COLUMNS.filter(({ isTelling }) => isTelling?.(servers) !== false);
  const columns = telling.map((column) => columnIn(column, view, colours));
  return tableOf(columns, servers, width);
}

function columnIn(
  column: ServerColumn,
  view: ViewState | undefined,
  colours: Colours,
): Column<ServerSnapshot> {
  const { key, title } = column;
  const mark = view?.isReversed ? '▲' : '▼';
  return {
    ...column,
    title: key === view?.sortKey ? title + mark : title,
    paint: (server) => paintOf(key, server, colours),
  };
}

type Paint = (text: string) => string;

function paintOf(
  key: ServerColumn['key'],
  server: ServerSnapshot,
  colours: Colours,
): Paint | undefined {
  if (key === 'state') return stateColour(server.state, colours);
  if (isAway(server) || server.staleMs !== undefined) return colours.dim;
  return key === 'errors' && server.errorsPerSecond > 0 ? colours.red : undefined;
}

function stateColour(state: HealthState, colours: Colours): Paint {
  if (state === 'alive') return colours.green;
  return state === 'dead' ? colours.red : colours.yellow;
}

function number(
  key: SortKey,
  title: string,
  rank: number,
  read: (server: ServerSnapshot) => number | undefined,
  shown: (value: number) => string,
): ServerColumn {
  // A client measures heartbeats; all else only the server itself knows.
  const isKnown = (server: ServerSnapshot) =>
    key === 'heartbeat' ? !isAway(server) : server.noStats === undefined;
  const value = (server: ServerSnapshot) => (isKnown(server) ? read(server) : undefined);
  const text = (server: ServerSnapshot) => {
    const known = value(server);
    return known === undefined ? UNKNOWN : shown(known);
  };
  return { key, title, align: 'right', rank, value, text };
}

function rate(key: 'callsPerSecond' | 'errorsPerSecond') {
  return (server: ServerSnapshot) => (hasRates(server) ? server[key] : undefined);
}

/** Whether nothing is known but its state: it is not reached. */
function isAway({ state }: ServerSnapshot): boolean {
  return state === 'dead' || state === 'connecting';
}

/** Numbers: the largest first. Text: in alphabetical order. What is not known comes last. */
function compared(one: number | string | undefined, other: number | string | undefined): number {
  if (typeof one === 'string' && typeof other === 'string')
    return one < other ? -1 : one > other ? 1 : 0;
  const first = typeof one === 'number' ? one : -1;
  const second = typeof other === 'number' ? other : -1;
  return second - first;
}
