import type { Counts } from '../load/tally.js';
import type { Memory } from '../processes/memory.js';
import type { Usage } from '../processes/usage.js';

/** What was read after a cell was measured. */
export interface Reading {
  readonly counts: Counts;
  readonly client: Usage;
  /** One per server process; none if client and server are one process. */
  readonly servers: readonly Usage[];
  /** Resident memory, in bytes, after the load has ended. */
  readonly restRss: { readonly client: number; readonly servers: readonly number[] };
  /** Traffic between the client and its first server, if it was counted. */
  readonly wire: Wire | undefined;
  /** The effect of a crowd of clients, if there was one. */
  readonly crowd: CrowdReading | undefined;
}

export interface CrowdReading {
  readonly clients: number;
  /** Of the server processes together, before and after the crowd connected. */
  readonly before: Memory;
  readonly after: Memory;
}

export interface Wire {
  readonly seconds: number;
  readonly bytes: number;
}
