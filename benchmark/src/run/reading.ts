import type { Counts } from '../load/tally.js';
import type { Memory } from '../processes/memory.js';
import type { Usage } from '../processes/usage.js';

/** What was read once a cell had been measured. */
export interface Reading {
  readonly counts: Counts;
  readonly client: Usage;
  /** Of each server process; none if client and server are one. */
  readonly servers: readonly Usage[];
  /** Resident memory, in bytes, after the load has ended. */
  readonly restRss: { readonly client: number; readonly servers: readonly number[] };
  /** What passed between the client and its first server, if that was counted. */
  readonly wire: Wire | undefined;
  /** What came of a crowd of clients, if there was one. */
  readonly crowd: CrowdReading | undefined;
}

export interface CrowdReading {
  readonly clients: number;
  /** Of the server processes together, before the crowd came and once it had been there. */
  readonly before: Memory;
  readonly after: Memory;
}

export interface Wire {
  readonly seconds: number;
  readonly bytes: number;
}
