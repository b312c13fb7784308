import type { ServerErrorKind } from './server-stats.js';

/**
 * How a job ends.
 *
 * - `answered`: its handler has done what was asked.
 * - `failed`: it was answered with an error; of an event, a handler has failed.
 * - `refused`: it did not run.
 * - `abandoned`: nobody waited for it any more.
 */
export type JobEnd =
  | { readonly type: 'answered' | 'refused' | 'abandoned' }
  | { readonly type: 'failed'; readonly kind: ServerErrorKind; readonly error: unknown };

// The ends that say nothing more are the same objects for all jobs.
export const ANSWERED: JobEnd = { type: 'answered' };
export const REFUSED: JobEnd = { type: 'refused' };
export const ABANDONED: JobEnd = { type: 'abandoned' };
