/** What a balancer may know of a server that could take the call. */
export interface ServerView {
  /** The server's address. */
  readonly endpoint: string;
  /**
   * Smoothed round-trip time of heartbeats, in ms; undefined before the first. Source: RFC 6298,
   * section 2 (SRTT with alpha 1/8).
   */
  readonly latencyMs: number | undefined;
  /** Calls that this client has in flight there. */
  readonly pending: number;
  /** Attempts in a row that this server let time out. */
  readonly failures: number;
  /** The share of its concurrency that the server says is taken, 0 to 1; 0 if it does not say. */
  readonly load: number;
  /**
   * Moving average of response times, from sending a call to its first value, in ms; undefined before
   * the first. It jumps to a peak at once, comes down slowly, and fades while nothing is answered: after
   * 10 s to 1/e. Calls that fail do not make it faster: a server of which no call succeeds takes what its
   * peers take. Source: finagle, `PeakEwma.scala`.
   *
   * @param now the time of the pick, `context.now`
   */
  responseMs(now: number): number | undefined;
  /**
   * Calls that failed there a moment ago, as if they were still in flight: each fades out in the time that one that
   * succeeds would have taken. Added to `pending`, it keeps a server that fails at once from looking idle.
   *
   * @param now the time of the pick, `context.now`
   */
  failedLoad(now: number): number;
}

/** Time and chance, as arguments, so that a balancer can be tested without either. */
export interface PickContext {
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number;
}

/**
 * Chooses one of the servers that could take a call. It is asked for every attempt, and again while a
 * call waits: keep it quick.
 */
export interface Balancer {
  /**
   * @param servers at least one, in the order in which they were added: those that are alive, have room
   *   and have not had this call; where there are none, those that are suspect, or have had it
   * @returns one of these servers, and no promise of one. Else, or if it throws, the call fails: with a `FreelanceError`
   *   `BAD_OPTIONS`, or with what it threw
   */
  pick<T extends ServerView>(servers: readonly [T, ...T[]], context: PickContext): T;
}
