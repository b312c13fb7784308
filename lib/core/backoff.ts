/**
 * Exponential back-off with full jitter: a delay drawn evenly between zero and a ceiling that doubles with each failure.
 * The jitter keeps peers that failed together from returning together.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export interface Backoff {
  /** Ceiling of the first delay, in ms. */
  readonly initial: number;
  /** Ceiling of every delay, in ms. */
  readonly max: number;
}

/** @param failures how many attempts have failed so far, from 0 */
export function backoffDelay(backoff: Backoff, failures: number, random: () => number): number {
  return random() * Math.min(backoff.max, backoff.initial * 2 ** failures);
}
