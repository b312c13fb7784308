import { type Clock, nodeClock } from '../../sockets/clock.js';

/**
 * Begins something that calls back, and ends it as soon as it has an outcome, or none in time.
 *
 * @param ms how long it may take
 * @param begin begins it, with what to call; returns what ends it
 * @returns the outcome; undefined if there was none in time
 */
export function within<Outcome>(
  ms: number,
  begin: (settle: (outcome: Outcome) => void) => () => void,
  clock: Pick<Clock, 'after'> = nodeClock,
): Promise<Outcome | undefined> {
  return new Promise((resolve) => {
    let isOver = false;
    let end: (() => void) | undefined;
    const settle = (outcome: Outcome | undefined) => {
      if (isOver) return;
      isOver = true;
      cancelTimer();
      end?.();
      resolve(outcome);
    };
    const cancelTimer = clock.after(ms, () => settle(undefined));
    const begun = begin(settle);
    end = begun;
    // It may have had its outcome at once.
    if (isOver) begun();
  });
}
