import type { FleetSnapshot } from '../../fleet/snapshot.js';
import { coloursOf } from '../colours.js';
import { notesOn } from './notes.js';
import { failingPatterns, failingTable, slowestPatterns, slowestTable } from './pattern-tables.js';
import { summaryOf } from './screen.js';
import { serverTable, sortedServers } from './server-table.js';
import type { Table } from './table.js';
import { INITIAL_VIEW } from './view-state.js';

/** Of each kind. `--json` has them all. */
const MOST_PATTERNS = 20;

const PLAIN = coloursOf(false, {});

/** One moment as lines of text, nothing cut: for files, pipes, and programs that look for words. */
export function plainSnapshot(snapshot: FleetSnapshot): string[] {
  const { servers, patterns } = snapshot;
  const slowest = slowestPatterns(patterns).slice(0, MOST_PATTERNS);
  const failing = failingPatterns(patterns).slice(0, MOST_PATTERNS);
  return [
    summaryOf(snapshot),
    '',
    ...linesOf(serverTable(sortedServers(servers, INITIAL_VIEW), undefined, Infinity, PLAIN)),
    ...notesOn(servers),
    ...(slowest.length > 0 ? ['', ...linesOf(slowestTable(slowest, Infinity))] : []),
    ...(failing.length > 0 ? ['', ...linesOf(failingTable(failing, servers, Infinity))] : []),
  ].map((line) => line.trimEnd());
}

function linesOf({ titles, rows }: Table): string[] {
  return [titles, ...rows];
}
