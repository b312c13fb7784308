import type { Load } from '../load/load.js';
import type { Tally } from '../load/tally.js';
import type { Metric } from '../report/metric.js';
import type { SubjectName } from '../subjects/registry.js';
import type { Client } from '../subjects/subject.js';

/** Which processes a cell needs. */
export interface Cast {
  readonly serverProcesses: number;
  readonly serversPerProcess: number;
  /** In one process. */
  readonly clients: number;
}

export const ONE_TO_ONE: Cast = { serverProcesses: 1, serversPerProcess: 1, clients: 1 };

/** One thing that is measured: a load, and who bears it. */
export interface Cell {
  /** Unlike that of the scenario's other cells. */
  readonly name: string;
  readonly subjects: readonly SubjectName[];
  readonly cast: Cast;
  /** Begins at once. Runs in the client's process. */
  load(clients: readonly Client[], tally: Tally): Load;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What is measured, in a sentence or two for those who read the tables. */
  readonly about: string;
  readonly cells: readonly Cell[];
  /** What is told of each cell. The first is what subjects are compared by. */
  readonly metrics: readonly [Metric, ...Metric[]];
}
