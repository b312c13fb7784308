import type { Clock } from '../agents/clock.js';

/**
 * Asks, and gives up after a time, or when the signal is aborted. What is still under way then is aborted, too.
 *
 * @param ask rejects soon after its signal is aborted
 */
export async function withTimeLimit<Found>(
  signal: AbortSignal,
  clock: Pick<Clock, 'after'>,
  ms: number,
  ask: (signal: AbortSignal) => Promise<Found>,
): Promise<Found> {
  const limit = new AbortController();
  const over = () => limit.abort();
  const cancel = clock.after(ms, over);
  signal.addEventListener('abort', over, { once: true });
  if (signal.aborted) over();
  try {
    return await ask(limit.signal);
  } finally {
    cancel();
    signal.removeEventListener('abort', over);
    // Of two ways, the one that nobody waits for any more.
    over();
  }
}
