/** What a balancer knows of a server that could take the call. */
export interface ServerView {
  /** The server's address. */
  readonly endpoint: string;
  /**
   * Smoothed round-trip time of heartbeats, in ms; undefined before the first. Source: RFC 6298,
   * section 2 (SRTT with alpha 1/8).
   */
  readonly latencyMs: number | undefined;
  /**
   * How many calls it is to get, in proportion to the weights of the others; above 0. Usually 1. It is the same for as long as
   * the list of servers is the same object.
   */
  readonly weight: number;
  /** Calls that this client has in flight there. */
  readonly pending: number;
  /** Attempts in a row that timed out at this server. */
  readonly failures: number;
  /** The share of its concurrency in use, as the server reports it, from 0 to 1; 0 if it does not report it. */
  readonly load: number;
  /**
   * Moving average of response times, from sending a call to its first value, in ms; undefined before the first. It
   * rises to a peak at once and comes down slowly. While nothing is answered it decays, to 1/e after 10 s. Failed calls
   * do not lower it: a server without successes is taken to be as fast as its peers. Source: finagle, `PeakEwma.scala`.
   *
   * @param now the time of the pick, `context.now`
   */
  responseMs(now: number): number | undefined;
  /**
   * What a call typically takes there, from sending it to its first value, in ms; undefined before the first. A moving
   * geometric mean, to which each answer adds an eighth: a single slow one changes it little, so it tells lasting differences
   * from noise. A new server starts from the median of its peers. It decays, and treats failed calls, as `responseMs` does.
   *
   * @param now the time of the pick, `context.now`
   */
  typicalMs(now: number): number | undefined;
  /**
   * Recently failed calls, counted as if they were still in flight: each decays over the time that a success would have
   * taken. Added to `pending`, it keeps a server that fails at once from looking idle.
   *
   * @param now the time of the pick, `context.now`
   */
  failedLoad(now: number): number;
}

/** Time and randomness, as arguments, so that a balancer can be tested without either. */
export interface PickContext {
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  /** A random number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
}

/**
 * Chooses one of the servers that could take a call. It runs for every attempt, and again while a call waits: keep it
 * fast.
 */
export interface Balancer {
  /**
   * Chooses the server of one attempt.
   *
   * @param servers frozen views of the servers, at least one, in the order in which they were added: those that are alive, have
   *   room and have not had this call; if there are none, those that are suspect or have had it
   * @param context the time, and a source of random numbers
   * @returns one of `servers`, synchronously. The call fails with `BALANCER` if it returns anything else; if it throws, the
   *   error is the `cause`
   */
  pick<T extends ServerView>(servers: readonly [T, ...T[]], context: PickContext): T;
}
