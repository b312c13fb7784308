/** What a balancer may know of a server that could take the call. */
export interface ServerView {
  readonly endpoint: string;
  /** Smoothed round-trip time of heartbeats, in ms; undefined before the first. */
  readonly latencyMs: number | undefined;
  /** Calls that this client has in flight there. */
  readonly pending: number;
  /** Calls in a row that this server let time out. */
  readonly failures: number;
  /** The share of its concurrency that the server says is taken, 0 to 1. */
  readonly load: number;
  /** Peak-sensitive moving average of response times, in ms; undefined before the first. */
  responseMs(now: number): number | undefined;
}

export interface PickContext {
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number;
}

/**
 * Chooses one of the servers that could take a call. It gets only servers that live and have room,
 * at least one, and must return one of those it got. It is asked once per attempt: keep it quick.
 */
export interface Balancer {
  pick<T extends ServerView>(servers: readonly [T, ...T[]], context: PickContext): T;
}
