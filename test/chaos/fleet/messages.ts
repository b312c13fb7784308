/** The data of a call. */
export interface Task {
  readonly id: number;
  /** How long `work` takes, or the pause between two values of a stream. */
  readonly ms: number;
  /** Makes the call larger; nobody reads it. */
  readonly padding?: string;
}

export interface WorkDone {
  readonly id: number;
  readonly serverId: string;
}

/** A stream that ends: so many values, one after the other. */
export interface Count extends Task {
  readonly values: number;
}

/** What a server is told through its standard input. */
export type Order =
  | { readonly order: 'block'; readonly ms: number }
  | { readonly order: 'unready' }
  | { readonly order: 'facts' };

export interface ServerFacts {
  /** Handlers that have begun and not ended, by their own count. */
  readonly openHandlers: number;
  /** By the library's count. */
  readonly running: number;
  readonly queued: number;
  readonly refused: number;
  /** Bytes, after a garbage collection. */
  readonly heap: number;
  /** When each connection was accepted, as `Date.now()`. */
  readonly connectedAt: readonly number[];
}
