import type { Load } from '../load/load.js';
import type { Tally } from '../load/tally.js';
import type { Metric } from '../report/metric.js';
import type { SubjectName } from '../subjects/registry.js';
import type { Client } from '../subjects/subject.js';

/** Which processes a cell needs. Cells with the same setup, not only an equal one, share them. */
export interface Setup {
  readonly serverProcesses: number;
  readonly serversPerProcess: number;
  /** In one process, each connected to all of the servers. */
  readonly clients: number;
  /** Whether to count what passes between the client and its first server. */
  readonly isTapped?: boolean;
  /** More clients, which come once those others are connected, and do nothing. */
  readonly crowd?: Crowd;
}

export interface Crowd {
  readonly processes: number;
  readonly clientsPerProcess: number;
}

/** One server process, one client process. */
export const ONE_TO_ONE: Setup = { serverProcesses: 1, serversPerProcess: 1, clients: 1 };

/** One thing that is measured: a load, and who bears it. */
export interface Cell {
  /** No other cell of the scenario has the same. */
  readonly name: string;
  readonly subjects: readonly SubjectName[];
  readonly setup: Setup;
  /** Begins at once. Runs in the client's process. */
  load(clients: readonly Client[], tally: Tally): Load;
}

/** What a number is compared with: another subject's, or another cell's. */
export type Reference = { readonly subject: SubjectName } | { readonly cell: string };

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What is measured, for those who read the tables. */
  readonly about: string;
  readonly cells: readonly Cell[];
  /** What is told of each cell. The first is the one that is compared. */
  readonly metrics: readonly [Metric, ...Metric[]];
  readonly reference: Reference;
  /** How long its cells are measured, where that is not as long as usual. */
  readonly secondsOf?: (usual: number) => number;
}
