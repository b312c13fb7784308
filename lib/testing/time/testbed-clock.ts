/** The clock of a testbed. */
export interface TestbedClock {
  /** How long the testbed has existed, in ms of its time. */
  now(): number;
  /**
   * Lets time pass for the testbed's client and servers: heartbeats, timeouts, retries, `slow`. What falls due meanwhile
   * happens in order, each at its time; in between, the event loop turns until no message is on its way, so that handlers and
   * callers go on. Work that waits for something else, as a timer of the test framework or a file, is not waited for.
   *
   * @param ms from 0 to 86 400 000, a day: the work grows with it, as every heartbeat is sent
   * @throws Error unless the testbed was created with `time: 'virtual'`; while it advances already; once the testbed is closed
   * @throws FreelanceError `BAD_OPTIONS` if that is no such number
   */
  advance(ms: number): Promise<void>;
}
