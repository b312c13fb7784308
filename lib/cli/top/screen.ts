import type { FleetEvent, FleetSnapshot } from '../../fleet/snapshot.js';
import type { Colours } from '../colours.js';
import { cutTo, displayWidth, fitted } from './display-width.js';
import { rateOfAll } from './known-rates.js';
import { shownRate, timeOfDay } from './numbers.js';
import { divided } from './room.js';
import { sectionsOf } from './sections.js';
import { KEYS, type ViewState } from './view-state.js';

export interface Paper {
  readonly columns: number;
  readonly rows: number;
  readonly colours: Colours;
}

/** What is shown: a moment, and what happened before it. */
export interface Shown {
  /** Undefined until the first one comes. */
  readonly snapshot: FleetSnapshot | undefined;
  /** The latest last. */
  readonly events: readonly FleetEvent[];
}

/** The lines of a whole screen: no wider than it, and at most as many as it has rows. */
export function screenOf({ snapshot, events }: Shown, view: ViewState, paper: Paper): string[] {
  const { columns, rows, colours } = paper;
  const title = titleOf(snapshot, view, paper);
  const foot = colours.dim(cutTo(footOf(view), columns));
  // Below the title and above the keys.
  const room = Math.max(rows - 2, 0);
  const body = view.isHelpOpen
    ? helpLines(paper).slice(0, room)
    : snapshot
      ? bodyOf(snapshot, events, view, { ...paper, rows: room })
      : ['', 'Connecting …'].slice(0, room).map((line) => cutTo(line, columns));
  const space = Array.from({ length: room - body.length }, () => '');
  return [title, ...body, ...space, foot].slice(0, rows);
}

function titleOf(
  snapshot: FleetSnapshot | undefined,
  { isPaused }: ViewState,
  { columns, colours }: Paper,
): string {
  const left = snapshot ? summaryOf(snapshot) : 'nestjs-freelance top';
  const right = `${isPaused ? 'PAUSED  ' : ''}${snapshot ? timeOfDay(snapshot.at) : ''}`;
  const gap = columns - displayWidth(left) - displayWidth(right);
  return colours.bold(gap >= 2 ? `${left}${' '.repeat(gap)}${right}` : cutTo(left, columns));
}

/** 2 of 3 servers up, calls and errors per second. */
export function summaryOf({ servers, totals }: FleetSnapshot): string {
  const up = servers.filter(({ state }) => state === 'alive').length;
  return [
    `${up} of ${servers.length} ${servers.length === 1 ? 'server' : 'servers'} up`,
    `${shownRate(rateOfAll(servers, totals.callsPerSecond))} calls/s`,
    `${shownRate(rateOfAll(servers, totals.errorsPerSecond))} errors/s`,
  ].join('   ');
}

function footOf({ isHelpOpen, sortKey, isReversed }: ViewState): string {
  if (isHelpOpen) return 'h close this help   q quit';
  return `s sort (${sortKey}${isReversed ? ', reversed' : ''})   r reverse   p pause   h help   q quit`;
}

function bodyOf(
  snapshot: FleetSnapshot,
  events: readonly FleetEvent[],
  view: ViewState,
  paper: Paper,
): string[] {
  const sections = sectionsOf(snapshot, events, view, paper);
  const shares = divided(paper.rows, sections);
  const body: string[] = [];
  sections.forEach(({ lines }, at) => {
    const share = shares[at] ?? 0;
    // The first line of a share stays empty.
    if (share > 0) body.push('', ...lines(share - 1));
  });
  return body;
}

function helpLines({ columns, colours }: Paper): string[] {
  const widest = Math.max(...KEYS.map(([keys]) => displayWidth(keys)));
  const keys = KEYS.map(([shown, what]) => `  ${fitted(shown, widest)}   ${what}`);
  const lines = ['', 'KEYS', ...keys, '', 'COLUMNS', ...COLUMNS_HELP.map((line) => `  ${line}`)];
  return lines
    .map((line) => cutTo(line, columns))
    .map((line) => (line === 'KEYS' || line === 'COLUMNS' ? colours.bold(line) : line));
}

const COLUMNS_HELP = [
  'Rates and quantiles are those of the last interval, as the servers count them.',
  'ERRORS SINCE START, OF CALLS: since the server listens.',
  'P50, P99: what half, or all but 1 %, of the calls took at the server.',
  'RUNNING, QUEUED: calls whose handlers run, and that wait for a place.',
  'CLIENTS: clients that the server has heard lately; this one is one of them.',
  'ZONE, PRIORITY: where servers tell of them, or differ in them.',
  'HEARTBEAT: round trip of a heartbeat from here. –: not known.',
];
