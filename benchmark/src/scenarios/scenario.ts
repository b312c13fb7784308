import type { Load } from '../load/load.js';
import type { Tally } from '../load/tally.js';
import type { Metric } from '../report/metric.js';
import type { SubjectName } from '../subjects/registry.js';
import type { Client } from '../subjects/subject.js';

/** The processes that a cell needs. Cells with the identical (not just equal) setup share them. */
export interface Setup {
  readonly serverProcesses: number;
  readonly serversPerProcess: number;
  /** In one process, each connected to all of the servers. */
  readonly clients: number;
  /** Whether to count the traffic between the client and its first server. */
  readonly isTapped?: boolean;
  /** Idle clients that connect after the others. */
  readonly crowd?: Crowd;
}

export interface Crowd {
  readonly processes: number;
  readonly clientsPerProcess: number;
}

/** One server process, one client process. */
export const ONE_TO_ONE: Setup = { serverProcesses: 1, serversPerProcess: 1, clients: 1 };

/** One measurement: a load, and the processes that handle it. */
export interface Cell {
  /** Unique within the scenario. */
  readonly name: string;
  readonly subjects: readonly SubjectName[];
  readonly setup: Setup;
  /**
   * How long it runs before it is measured, as a multiple of the usual time. Needed if few operations happen per second: V8
   * optimizes code only after some thousands of runs.
   */
  readonly warmUp?: number | undefined;
  /** Begins at once. Runs in the client's process. */
  load(clients: readonly Client[], tally: Tally): Load;
}

/** What a number is compared with: another subject's, or another cell's. */
export type Reference = { readonly subject: SubjectName } | { readonly cell: string };

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What is measured, for readers of the tables. */
  readonly about: string;
  readonly cells: readonly Cell[];
  /** The numbers reported per cell. The first one is compared. */
  readonly metrics: readonly [Metric, ...Metric[]];
  readonly reference: Reference;
  /** How long its cells are measured, if different from the usual time. */
  readonly secondsOf?: (usual: number) => number;
}
