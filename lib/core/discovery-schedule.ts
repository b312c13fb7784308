/** After each set, the next one is asked for after that many ms: the bound for a discovery that floods. */
export const BETWEEN_SETS_MS = 100;

/** An answer of now is asked for at most that often, in ms. */
export const BETWEEN_REFRESHES_MS = 1000;

/** The longest pause between two look-ups, or two attempts at one, in ms: a new server gets calls within that. */
export const LONGEST_PAUSE_MS = 30_000;

/**
 * For how long an answer holds. Answers of caches have little time left: the floor bounds what they cost. The jitter keeps clients
 * apart that have started together; it only shortens the time, so that nobody uses an answer for longer than it holds.
 *
 * @param ttlMs as the answer says
 */
export function refreshDelay(ttlMs: number, random: () => number): number {
  const bounded = Math.min(Math.max(ttlMs, BETWEEN_REFRESHES_MS), LONGEST_PAUSE_MS);
  return Math.max(bounded * (1 - 0.2 * random()), BETWEEN_REFRESHES_MS);
}

/**
 * The pause before another attempt: from 1 to 2 s after the first failure, from 15 to 30 s in the end.
 *
 * @param failures in a row, from 1
 */
export function retryDelay(failures: number, random: () => number): number {
  const ceiling = Math.min(BETWEEN_REFRESHES_MS * 2 ** failures, LONGEST_PAUSE_MS);
  return ceiling * (0.5 + 0.5 * random());
}
