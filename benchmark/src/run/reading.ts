import type { Counts } from '../load/tally.js';
import type { Usage } from '../processes/usage.js';

/** What was read once a cell had been measured. */
export interface Reading {
  readonly counts: Counts;
  readonly client: Usage;
  /** Of each server process; none if client and server are one. */
  readonly servers: readonly Usage[];
  /** Resident memory of the processes, in bytes, after the load has ended. */
  readonly clientRestRss: number;
  readonly serverRestRss: readonly number[];
}
