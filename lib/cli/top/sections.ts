import { plainText } from '../../core/plain-text.js';
import type { FleetEvent, FleetSnapshot } from '../../fleet/snapshot.js';
import type { Colours } from '../colours.js';
import { cutTo } from './display-width.js';
import { notesOn } from './notes.js';
import { timeOfDay } from './numbers.js';
import { failingPatterns, failingTable, slowestPatterns, slowestTable } from './pattern-tables.js';
import type { Part } from './room.js';
import { serverTable, sortedServers } from './server-table.js';
import type { Table } from './table.js';
import type { ViewState } from './view-state.js';

/** A part of the screen below an empty line, which counts as its own. */
export interface Section extends Part {
  /** At most so many lines. */
  readonly lines: (room: number) => string[];
}

interface Paper {
  readonly columns: number;
  readonly rows: number;
  readonly colours: Colours;
}

/** An empty line, the titles, and so many patterns come before other parts get more than their share. */
const PATTERN_LINES = 2 + 5;

const EVENT_LINES = 2 + 4;

/** From top to bottom. */
export function sectionsOf(
  { servers, patterns }: FleetSnapshot,
  events: readonly FleetEvent[],
  view: ViewState,
  { columns, rows, colours }: Paper,
): Section[] {
  const table = serverTable(sortedServers(servers, view), view, columns, colours);
  const notes = notesOn(servers).map((note) => colours.yellow(cutTo(note, columns)));
  const { bold } = colours;
  return [
    {
      wants: 2 + table.rows.length + notes.length,
      first: Math.max(Math.floor(rows / 2), 4),
      lines: (room) => {
        const kept = notes.slice(0, Math.max(room - 2, 0));
        const shown = scrolledTo(table.rows, view.scrolled, room - 1 - kept.length, columns);
        return [bold(table.titles), ...shown, ...kept];
      },
    },
    patternSection(slowestTable(slowestPatterns(patterns), columns), bold),
    patternSection(failingTable(failingPatterns(patterns), servers, columns), bold),
    {
      wants: events.length === 0 ? 0 : 2 + events.length,
      first: EVENT_LINES,
      lines: (room) => [
        bold(cutTo('EVENTS', columns)),
        ...events.slice(1 - room || events.length).map((event) => cutTo(eventLine(event), columns)),
      ],
    },
  ];
}

/** 12:34:56  server-2 (tcp://10.0.0.2:5555) is down: it closed the connection. */
export function eventLine({ at, endpoint, serverId, text }: FleetEvent): string {
  const server =
    serverId === undefined
      ? plainText(endpoint)
      : `${plainText(serverId, 64)} (${plainText(endpoint)})`;
  return `${timeOfDay(at)}  ${server} ${plainText(text)}`;
}

function patternSection({ titles, rows }: Table, bold: (text: string) => string): Section {
  return {
    wants: rows.length === 0 ? 0 : 2 + rows.length,
    first: PATTERN_LINES,
    lines: (room) => [bold(titles), ...rows.slice(0, room - 1)],
  };
}

/** As many rows as there is room for; the last line says how many there are below. */
function scrolledTo(
  rows: readonly string[],
  scrolled: number,
  room: number,
  columns: number,
): string[] {
  if (rows.length <= room) return [...rows];
  const first = Math.min(scrolled, rows.length - room);
  const below = rows.length - first - room;
  if (below === 0) return rows.slice(first, first + room);
  const shown = rows.slice(first, first + room - 1);
  return [...shown, cutTo(`… and ${below + 1} more below: ↓`, columns)];
}
