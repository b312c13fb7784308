/** What a handler is asked for. */
export interface Task {
  readonly id: number;
  /** How long `work` takes, or the pause between two values of a stream. */
  readonly ms: number;
}

export interface WorkDone {
  readonly id: number;
  readonly serverId: string;
}

/** What a server is told past its socket. */
export type Order = { readonly order: 'block'; readonly ms: number } | { readonly order: 'facts' };

export interface ServerFacts {
  /** Handlers that have begun and not ended, by their own count. */
  readonly openHandlers: number;
  /** By the count of the library. */
  readonly running: number;
  readonly queued: number;
  readonly refused: number;
  /** Bytes, after a garbage collection. */
  readonly heap: number;
  /** When each connection was accepted, as `Date.now()`. */
  readonly connectedAt: readonly number[];
}
